package web

import (
	"context"
	"time"

	"inviter/ticket"
)

// renewals keeps the claims of those whose page is open: an open stream counts
// as a sign of life.
func (s *Site) renewals(ctx context.Context) {
	timer := time.NewTicker(s.Renew)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if err := s.renewAll(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("claims unrenewed", "error", err)
		}
	}
}

func (s *Site) renewAll(ctx context.Context) error {
	snap, err := s.board.at(ctx)
	if err != nil {
		return err
	}
	for _, t := range snap.line {
		// each renewal is a change that every page hears of, so none comes early
		if t.Claim == nil || !s.audience.watching(t.Claim.Holder) || t.Claim.LeaseUntil.Sub(s.clock()) > s.Renew*5/2 {
			continue
		}
		by := ticket.Technician{Name: t.Claim.Holder, Role: ticket.RoleTechnician}
		_, err := s.Queue.Renew(ctx, t.ID, by, t.Claim.Number)
		if _, expected := refusal(err); err != nil && !expected {
			return err
		}
	}
	return nil
}
