package web

import (
	"fmt"
	"strings"
	"time"

	"inviter/carrier"
	"inviter/templates"
	"inviter/ticket"
)

// newFor is how long a row is marked as new.
const newFor = time.Minute

// place is a source by its kind and name, "mailbox:helpdesk".
func place(source string) templates.Place {
	kind, name, ok := strings.Cut(source, ":")
	if !ok || kind != "mailbox" && kind != "share" {
		return templates.Place{Kind: upload, Name: source}
	}
	return templates.Place{Kind: kind, Name: name}
}

// order sorts rows as the queue does: longest in line first.
func order(t ticket.Ticket) string {
	return fmt.Sprintf("%015d-%012d", t.WaitingSince.UnixMilli(), t.ID)
}

// isOrder tells whether text may be an order.
func isOrder(text string) bool {
	var since, id int64
	n, _ := fmt.Sscanf(text, "%015d-%012d", &since, &id)
	return n == 2 && text == fmt.Sprintf("%015d-%012d", since, id)
}

// row is a ticket as one line of the list, for one reader at one moment.
func (s *Site) row(t ticket.Ticket, c caller, now time.Time) templates.Row {
	r := templates.Row{
		Now: now, ID: int64(t.ID), Order: order(t), State: string(t.State), Since: t.WaitingSince, Expires: t.Expires,
		Soon: t.Expires.Add(-t.Expires.Sub(t.Start) / 4), Name: t.User.Name, Address: t.User.Address,
		Note: t.Note, Tags: tags(t), Holder: holder(t, c, now), Can: s.can(t, c, now),
	}
	if t.State == ticket.Waiting {
		r.NewUntil = t.QueuedAt.Add(newFor)
	}
	for i, d := range t.Deliveries {
		if p := place(d.Source); i == 0 {
			r.From = p
		} else if p != r.From && !has(r.Also, p) {
			r.Also = append(r.Also, p)
		}
	}
	return r
}

func has(places []templates.Place, p templates.Place) bool {
	for _, q := range places {
		if p == q {
			return true
		}
	}
	return false
}

func tags(t ticket.Ticket) []templates.Tag {
	var list []templates.Tag
	if t.Kind == ticket.Code {
		list = append(list, templates.Tag{Flag: "code", Who: carrier.ProductName(t.Format)})
	}
	if !t.Kind.Filed() {
		list = append(list, templates.Tag{Flag: string(t.Kind)})
	}
	for _, f := range t.Flags {
		tag := templates.Tag{Flag: string(f)}
		switch f {
		case ticket.NameMismatch:
			tag.Who = t.ClaimedName
		case ticket.WithHolder:
			if t.Reserved == nil {
				continue
			}
			tag.Who = t.Reserved.Holder
		}
		list = append(list, tag)
	}
	return list
}

func holder(t ticket.Ticket, c caller, now time.Time) *templates.Holder {
	if t.Claim == nil {
		return nil
	}
	h := &templates.Holder{Name: t.Claim.Holder, You: t.Claim.Holder == c.Name, Since: t.Claim.Since, Connected: t.Claim.Connected, Lease: t.Claim.LeaseUntil}
	if now.After(t.Claim.LeaseUntil) {
		h.Silent = t.Claim.LeaseUntil
	}
	return h
}

// can is what the reader's buttons offer; the queue decides again.
func (s *Site) can(t ticket.Ticket, c caller, now time.Time) templates.Can {
	live := now.Before(t.Expires)
	can := templates.Can{
		Claim:  t.State == ticket.Waiting && c.MayClaim() && live,
		Decide: t.State == ticket.Quarantined && c.Lead(),
	}
	can.Ask = can.Claim && s.ConfirmOutside && t.Has(ticket.OutsideNetworks)
	if t.State == ticket.Claimed && t.Claim.Holder != c.Name {
		can.TakeOver = live && c.MayClaim() && (c.Lead() || now.After(t.Claim.LeaseUntil))
	}
	mine := t.Claim != nil && t.Claim.Holder == c.Name
	can.Close = c.Lead() && !t.State.Ended() && !mine
	return can
}

// feeds splits the sources into those that are served and those that aren't.
func feeds(list []ticket.SourceState, c caller, now time.Time) templates.Feeds {
	f := templates.Feeds{Now: now, Scan: c.MayClaim()}
	for _, s := range list {
		if feed := feedOf(s); s.State == ticket.SourceOK {
			f.Well = append(f.Well, feed)
		} else {
			f.Away = append(f.Away, feed)
		}
	}
	return f
}

func feedOf(s ticket.SourceState) templates.Feed {
	f := templates.Feed{Place: place(s.Name), State: s.State, Since: s.Since, Last: s.LastSuccess, Next: s.NextTry, Error: s.LastError}
	switch {
	case s.LastSuccess.IsZero() && s.State == ticket.SourceLate:
		f.State = "new"
	case s.State == ticket.SourceOK && s.LastError != "":
		f.State = "warned"
	}
	return f
}
