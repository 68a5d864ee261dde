package mailbox

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"inviter/ticket"
)

// page is how many of the mails to let go are looked at together.
const page = 1000

// letGo moves away what is recorded, whether this scan recorded it or one that
// ended before it came to that. Mail that can't be moved now stays held.
// Nothing here fails the scan unless the connection or the ledger does.
func (s *scan) letGo(ctx context.Context) (moved bool, err error) {
	tried := map[string]bool{}
	for limit := page; ; {
		held, err := s.ledger.Held(ctx, s.Name(), limit)
		if err != nil {
			return moved, fmt.Errorf("held: %w", err)
		}
		gone, some, err := s.release(ctx, untried(held, tried))
		moved = moved || some
		if len(gone) > 0 {
			if err := s.ledger.LetGo(ctx, s.Name(), gone); err != nil {
				return moved, fmt.Errorf("let go: %w", err)
			}
		}
		switch {
		case err != nil:
			return moved, err
		case len(held) < limit || s.shut():
			s.stayed = len(held) - len(gone)
			return moved, nil
		case len(gone) == 0:
			limit *= 4 // those at the front can't be moved; others can
		}
	}
}

func untried(held []ticket.Entry, tried map[string]bool) []ticket.Entry {
	var fresh []ticket.Entry
	for _, e := range held {
		if !tried[e.Item] {
			tried[e.Item] = true
			fresh = append(fresh, e)
		}
	}
	return fresh
}

// release lets go of some mails, each to where its outcome wants it, and
// answers which are done with. What isn't in this folder under this numbering
// can't be found any more: there is nothing left to let go of.
func (s *scan) release(ctx context.Context, held []ticket.Entry) (gone []string, moved bool, err error) {
	away := map[string][]uint32{}
	for _, e := range held {
		uid, here := s.mark.uid(e.Item)
		folder := s.destination(e)
		if !here || folder == "" {
			gone = append(gone, e.Item)
			continue
		}
		away[folder] = append(away[folder], uid)
	}
	for _, folder := range slices.Sorted(maps.Keys(away)) {
		left, err := s.move(ctx, away[folder], folder)
		moved = moved || len(left) > 0
		for _, uid := range left {
			gone = append(gone, s.mark.item(uid))
		}
		if err != nil {
			return gone, moved, err
		}
	}
	return gone, moved, nil
}

// destination is the folder that the outcome sends a mail to; "" leaves it.
func (s *scan) destination(e ticket.Entry) string {
	folder := s.options.Processed
	switch {
	case e.Outcome == ticket.Ignored:
		return ""
	case e.Outcome == ticket.Rejected:
		folder = s.options.Refused
	}
	if !s.link.canMove() || s.link.names.write(folder) == s.link.folder {
		return ""
	}
	return folder
}

// misled warns of a configuration that would move mail to where it is.
func (s *scan) misled() {
	for _, folder := range []string{s.options.Processed, s.options.Refused} {
		if folder != "" && s.link.names.write(folder) == s.link.folder {
			s.warn(fmt.Sprintf("mail stays where it is, for %s is the watched folder itself: name another one", folder))
		}
	}
}
