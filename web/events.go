package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"inviter/ticket"
)

// feed tells an account of every change. It has no buffer: position says how
// far in the hub's frames its reader is, sent which revision he has.
type feed struct {
	site     *Site
	by       ticket.Technician
	resume   int64 // the revision from which on to tell; -1 for from now on
	position int64
	sent     int64
}

// events is GET /events. The stream ends with the log-in, too.
func (s *Site) events(w http.ResponseWriter, r *http.Request, c caller) error {
	last, err := lastEvent(r)
	if err != nil {
		return err
	}
	return s.stream(w, r, &seat{of: c.Name, pass: c.pass}, &feed{site: s, by: c.Technician, resume: last})
}

// lastEvent is the revision from which a reader resumes, -1 for from now on.
func lastEvent(r *http.Request) (int64, error) {
	h := r.Header.Get("Last-Event-ID")
	if h == "" {
		return -1, nil
	}
	n, err := strconv.ParseInt(h, 10, 64)
	if err != nil || n < 0 {
		return 0, badRequest("Last-Event-ID")
	}
	return n, nil
}

func (f *feed) begin(context.Context) error {
	now := f.site.hub.latest.Load()
	f.position, f.sent = now.end(), now.revision
	return nil
}

func (f *feed) follow(ctx context.Context, on line) error {
	if f.resume >= 0 {
		if err := f.goOn(ctx, on); err != nil {
			return err
		}
	}
	for {
		now := f.site.hub.latest.Load()
		if err := f.send(ctx, on, now); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-now.old:
		}
	}
}

// goOn tells what the reader missed while he was away. Where the queue is
// counts, not how far the hub has read; a revision that it never had is of a
// time before a restore.
func (f *feed) goOn(ctx context.Context, on line) error {
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	revision, err := f.site.Queue.Revision(bounded)
	if err != nil {
		return err
	}
	f.sent = min(f.resume, revision)
	return f.catchUp(ctx, on)
}

// send writes the hub's frames up to now.
func (f *feed) send(ctx context.Context, on line, now *edition) error {
	frames, missed := now.since(f.position)
	f.position = now.end()
	if missed {
		return f.catchUp(ctx, on)
	}
	return f.tell(ctx, on, frames)
}

// catchUp reads from the queue what the hub no longer keeps. Frames that come
// twice are left out by their revision.
func (f *feed) catchUp(ctx context.Context, on line) error {
	for {
		changed, revision, err := f.changed(ctx)
		if err != nil {
			return err
		}
		frames, err := ticketFrames(changed)
		if err != nil {
			return err
		}
		if err := f.tell(ctx, on, frames); err != nil {
			return err
		}
		if len(changed) < changesAtOnce {
			f.sent = max(f.sent, revision)
			return nil
		}
	}
}

func (f *feed) changed(ctx context.Context) ([]ticket.Ticket, int64, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return f.site.Queue.Changed(ctx, f.sent, changesAtOnce)
}

// tell writes the frames that the reader has not had, as he may see them. A
// single one, as a rule there is no more, is not even copied.
func (f *feed) tell(ctx context.Context, on line, frames []frame) error {
	var b []byte
	had := f.sent
	for i := range frames {
		next := &frames[i]
		if next.id != 0 && next.id <= had {
			continue
		}
		f.sent = max(f.sent, next.id)
		if e := next.as(f.by); b == nil {
			b = slices.Clip(e)
		} else {
			b = append(b, e...)
		}
	}
	if b == nil {
		return nil
	}
	return on.write(ctx, b)
}
