package share

import (
	"fmt"
	"path"
	"strings"

	"inviter/invitation"
	"inviter/ticket"
)

// receiptLine is what a receipt says of one invitation; "" where none is wanted.
func (p *pass) receiptLine(inv invitation.Invitation, d ticket.Delivery, e ticket.Entry) string {
	if !p.options.Receipts || p.options.Mode == Read || len(e.Tickets) == 0 {
		return ""
	}
	life := inv.Lifetime(invitation.Seen{Received: d.Received, Skew: d.Skew}, p.options.Rule)
	until := life.Expires.Local().Format("2 January 2006, 15:04 MST")
	if e.Outcome == ticket.Dead {
		return fmt.Sprintf("Ticket %d: this invitation had run out on %s when we got it.\r\n"+
			"Please make a new one and put it here.\r\n", e.Tickets[0], until)
	}
	return fmt.Sprintf("Ticket %d: we have received your invitation.\r\n"+
		"It can be used until %s.\r\n"+
		"Please keep the Remote Assistance window open: closing it ends the invitation.\r\n", e.Tickets[0], until)
}

// writeReceipt puts NAME.received.txt beside a file that is about to be taken.
// A share on which that fails still gets its files taken: the ticket is what
// was promised.
//
// Issue 5 goes on from here: the receipt's name, kept with the ticket, lets it
// be rewritten as the ticket goes on, and its removal be a withdrawal.
func (p *pass) writeReceipt(s *sight) {
	text := s.leaving.receipt
	if text == "" {
		return
	}
	s.leaving.receipt = ""
	if _, err := p.put(path.Dir(s.path), path.Base(s.path), receiptSuffix, text); err != nil {
		p.log.Warn("receipt not written", "file", shown(s.path), "error", err.Error())
	}
}

// reasonText says why a file was refused, to who dropped it.
func (p *pass) reasonText(s *sight) string {
	return strings.ReplaceAll(strings.TrimSpace(s.leaving.reason), "\n", "\r\n") + "\r\n" +
		"Please make a new invitation and put it into the share.\r\n"
}

// suffixed is the n-th name to try for a text about a file: the whole name with
// the suffix, then with a number between them.
func suffixed(name, suffix string, n int) string {
	if n > 0 {
		suffix = numbered("", n) + suffix
	}
	return shortened("", name, suffix)
}
