package web

import (
	"context"
	"encoding/json"
	"fmt"

	"inviter/ticket"
)

// frame is one event, all of its bytes, made once: full for holder and leads,
// plain for others. Streams write these very bytes, so nobody changes them.
type frame struct {
	id          int64 // the revision; 0 for what is no ticket's
	holder      string
	full, plain []byte
	beats       bool // tells nothing but that we are there
}

// beat is for readers, and whatever stands between, to know that a quiet stream
// isn't a dead one.
const beat = ": beat\n\n"

// event puts together what goes over the line; id is 0 for none.
func event(id int64, kind string, data []byte) []byte {
	b := make([]byte, 0, len("id: \nevent: \ndata: \n\n")+20+len(kind)+len(data))
	if id > 0 {
		b = fmt.Appendf(b, "id: %d\n", id)
	}
	return fmt.Appendf(b, "event: %s\ndata: %s\n\n", kind, data)
}

// as is the event as an account may see it.
func (f *frame) as(by ticket.Technician) []byte {
	if by.Lead() || f.holder != "" && f.holder == by.Name {
		return f.full
	}
	return f.plain
}

func ticketFrames(changed []ticket.Ticket) ([]frame, error) {
	var frames []frame
	for _, t := range changed {
		f := frame{id: t.Revision}
		if t.Claim != nil {
			f.holder = t.Claim.Holder
		}
		full, err := json.Marshal(ticketFor(t, ticket.Technician{Role: ticket.RoleLead}))
		if err != nil {
			return nil, err
		}
		plain, err := json.Marshal(ticketFor(t, ticket.Technician{}))
		if err != nil {
			return nil, err
		}
		f.full, f.plain = event(f.id, "ticket", full), event(f.id, "ticket", plain)
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
		b = event(0, "source", b)
		frames = append(frames, frame{full: b, plain: b})
	}
	h.tell(frames...)
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
	b := event(0, "link", []byte("{}"))
	h.tell(frame{full: b, plain: b})
	return nil
}
