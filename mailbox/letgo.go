package mailbox

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"inviter/ticket"
)

// mover lets go of what is recorded. It uses the connection, in turn with
// whoever reads.
type mover struct {
	*Mailbox
	mark   mark              // names the mails; how far it has come says nothing here
	closed map[string]closed // folders that the server lets no mail into
	stayed int               // recorded, but still here
}

// page is how many of the mails to let go are looked at together.
const page = 1000

// letGo moves away what is recorded, whether this scan recorded it or one that
// ended before it came to that. Mail that can't be moved now stays held.
// Nothing here fails the scan unless the connection or the ledger does.
func (v *mover) letGo(ctx context.Context) (moved bool, err error) {
	tried := map[string]bool{}
	for limit := page; ; {
		held, err := v.ledger.Held(ctx, v.Name(), limit)
		if err != nil {
			return moved, fmt.Errorf("held: %w", err)
		}
		gone, some, err := v.release(ctx, untried(held, tried))
		moved = moved || some
		if len(gone) > 0 {
			if err := v.ledger.LetGo(ctx, v.Name(), gone); err != nil {
				return moved, fmt.Errorf("let go: %w", err)
			}
		}
		switch {
		case err != nil:
			return moved, err
		case len(held) < limit || v.shut():
			v.stayed = len(held) - len(gone)
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
func (v *mover) release(ctx context.Context, held []ticket.Entry) (gone []string, moved bool, err error) {
	away := map[string][]uint32{}
	for _, e := range held {
		uid, here := v.mark.uid(e.Item)
		folder := v.destination(e)
		if !here || folder == "" {
			gone = append(gone, e.Item)
			continue
		}
		away[folder] = append(away[folder], uid)
	}
	for _, folder := range slices.Sorted(maps.Keys(away)) {
		left, err := v.move(ctx, away[folder], folder)
		moved = moved || len(left) > 0
		for _, uid := range left {
			gone = append(gone, v.mark.item(uid))
		}
		if err != nil {
			return gone, moved, err
		}
	}
	return gone, moved, nil
}

// destination is the folder that the outcome sends a mail to; "" leaves it.
func (v *mover) destination(e ticket.Entry) string {
	folder := v.options.Processed
	switch {
	case e.Outcome == ticket.Ignored:
		return ""
	case e.Outcome == ticket.Rejected:
		folder = v.options.Refused
	}
	if !v.link.canMove() || v.link.names.write(folder) == v.link.folder {
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
