package mailbox

import (
	"cmp"
	"context"
	"fmt"

	"inviter/ticket"
)

// takeUp reads the letters and submits what is in them: reading, opening and
// writing to disk go on side by side. The mark moves up to a UID only when
// everything at or below it is recorded.
func (s *scan) takeUp(ctx context.Context, letters []letter) error {
	stop, batches := make(chan struct{}), make(chan batch)
	r := &reader{Mailbox: s.Mailbox, mark: s.mark, away: &s.away, out: make(chan parcel, 16), room: make(chan struct{}, 1), stop: stop,
		letters: letters, done: map[uint32]bool{}}
	var readErr error
	go func() {
		defer close(r.out)
		readErr = r.run(ctx)
	}()
	mark := s.mark
	go func() {
		defer close(batches)
		s.assemble(mark, r, batches)
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
	}
	if s.mark.position > s.saved {
		err = cmp.Or(err, s.advance(ctx))
	}
	return err
}

// saveEvery is after how many mails the mark is saved in the middle of a scan:
// so many a scan that ended half-way may have to look up in the ledger again.
const saveEvery = 2000

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
	s.mark.position = max(s.mark.position, b.done)
	if s.unsaved += b.seen; s.unsaved < saveEvery {
		return nil
	}
	return s.advance(ctx)
}

func (s *scan) count(receipts []ticket.Receipt) {
	for _, r := range receipts {
		if r.Before {
			continue
		}
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
