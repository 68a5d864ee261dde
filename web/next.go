package web

import (
	"context"
	"time"

	"inviter/ticket"
)

// codeAskOutside is said on pages only: the next in line wants a second word.
const codeAskOutside ticket.RefusalCode = "ask-outside"

// Who waits with less than this to live goes first, as the queue has it.
const urgentLife = 10 * time.Minute

// nextOnPage claims the next one for a person. Where flagged tickets are to ask
// before a claim, and such a one is next, nothing is claimed: the person is led
// to its row, which asks.
func (s *Site) nextOnPage(ctx context.Context, c caller) (ticket.Ticket, bool, error) {
	const tries = 20 // others claim meanwhile
	for range tries {
		snap, err := s.board.at(ctx)
		if err != nil {
			return ticket.Ticket{}, false, err
		}
		now := s.clock()
		if !s.ConfirmOutside || !snap.glanced(now).outside {
			return s.claimNext(ctx, c)
		}
		e := snap.next(c, now)
		switch {
		case e == nil:
			return ticket.Ticket{}, false, nil
		case e.Has(ticket.OutsideNetworks):
			return e.Ticket, false, &ticket.Refusal{Code: codeAskOutside}
		}
		t, err := s.claim(ctx, e.ID, c, words{})
		if n, expected := refusal(err); !expected || n.Code == ticket.CodeForbidden {
			return t, err == nil, err
		}
	}
	return ticket.Ticket{}, false, &ticket.Refusal{Code: codeUnavailable}
}

// next is the one that the queue would give to c, nil where nothing waits for c.
func (s *snapshot) next(c caller, now time.Time) *entry {
	var first, urgent *entry
	for _, e := range s.line {
		if e.State != ticket.Waiting || !e.live(now) || e.Reserved != nil && e.Reserved.Holder != c.Name && now.Before(e.Reserved.Until) {
			continue
		}
		if first == nil {
			first = e
		}
		if e.Expires.Sub(now) < urgentLife && (urgent == nil || e.Expires.Before(urgent.Expires)) {
			urgent = e
		}
	}
	if urgent != nil {
		return urgent
	}
	return first
}
