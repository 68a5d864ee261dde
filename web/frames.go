package web

import (
	"context"
	"encoding/json"

	"inviter/ticket"
)

// frame is one event, encoded once: full for holder and leads, plain for others.
type frame struct {
	id          int64 // the revision; 0 for a source
	kind        string
	holder      string
	full, plain []byte
}

func ticketFrames(changed []ticket.Ticket) ([]frame, error) {
	var frames []frame
	for _, t := range changed {
		f := frame{id: t.Revision, kind: "ticket"}
		if t.Claim != nil {
			f.holder = t.Claim.Holder
		}
		var err error
		if f.full, err = json.Marshal(ticketFor(t, ticket.Technician{Role: ticket.RoleLead})); err != nil {
			return nil, err
		}
		if f.plain, err = json.Marshal(ticketFor(t, ticket.Technician{})); err != nil {
			return nil, err
		}
		frames = append(frames, f)
	}
	return frames, nil
}

// readSources makes a frame of each source that does otherwise than before.
// Passes alone are no news; they come every few seconds.
func (h *hub) readSources(ctx context.Context) error {
	list, err := h.queue.Sources(ctx)
	if err != nil {
		return err
	}
	var frames []frame
	for _, f := range list {
		if f.State == ticket.SourceOK && !served(f, h.now()) {
			f.State = ticket.SourceLate
		}
		look := f.State + "\n" + f.LastError
		if before, seen := h.sources[f.Name]; seen && before == look {
			continue
		}
		h.sources[f.Name] = look
		b, err := json.Marshal(sourceFor(f))
		if err != nil {
			return err
		}
		frames = append(frames, frame{kind: "source", full: b, plain: b})
	}
	h.add(h.at(), frames)
	return nil
}

// readLinks makes a frame when something happened to any support link. It says
// nothing more: whom it concerns looks for himself.
func (h *hub) readLinks(ctx context.Context) error {
	now, err := h.queue.LinkRevision(ctx)
	if err != nil || now == h.links {
		return err
	}
	h.links = now
	h.add(h.at(), []frame{{kind: "link", full: []byte("{}"), plain: []byte("{}")}})
	return nil
}
