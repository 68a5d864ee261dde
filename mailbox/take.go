package mailbox

import (
	"context"
	"fmt"

	"inviter/ticket"
)

// takeUp reads the letters and submits what is in them: reading, opening and
// writing to disk go on side by side. The mark moves up to a UID only when
// everything at or below it is recorded.
func (s *scan) takeUp(ctx context.Context, letters []letter) error {
	stop, batches := make(chan struct{}), make(chan batch)
	r := &reader{Mailbox: s.Mailbox, mark: s.mark, out: make(chan parcel, 1), stop: stop, done: map[uint32]bool{}}
	var readErr error
	go func() {
		defer close(r.out)
		readErr = r.run(ctx, letters)
	}()
	mark := s.mark
	go func() {
		defer close(batches)
		s.assemble(mark, r.out, batches, stop)
	}()
	var err error
	for b := range batches {
		if err != nil {
			continue
		}
		if err = s.record(ctx, b); err != nil {
			close(stop)
		}
	}
	if err == nil {
		err = readErr
	}
	s.held = r.held
	if err == nil && !r.held && s.top > s.mark.position {
		s.mark.position = s.top // past what is older than First
		err = s.advance(ctx)
	}
	return err
}

func (s *scan) record(ctx context.Context, b batch) error {
	s.pass.Seen += b.seen
	s.pass.Pending += b.pending
	if len(b.deliveries) > 0 {
		receipts, err := s.submit(ctx, b.deliveries)
		if err != nil {
			return fmt.Errorf("submit: %w", err)
		}
		s.count(receipts)
	}
	if b.done <= s.mark.position {
		return nil
	}
	s.mark.position = b.done
	return s.advance(ctx)
}

func (s *scan) count(receipts []ticket.Receipt) {
	for _, r := range receipts {
		switch r.Outcome {
		case ticket.Queued:
			s.pass.Queued++
		case ticket.Repeated:
			s.pass.Repeated++
		case ticket.Rejected:
			if r.Known {
				s.pass.Repeated++
			} else {
				s.pass.Refused++
			}
		case ticket.Ignored, ticket.Dead:
			s.pass.Ignored++
		}
	}
}

// warn notes what works less well than configured, once a scan.
func (s *scan) warn(text string) {
	for _, w := range s.warned {
		if w == text {
			return
		}
	}
	s.warned = append(s.warned, text)
}
