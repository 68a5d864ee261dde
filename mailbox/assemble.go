package mailbox

import (
	"fmt"
	"slices"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/ticket"
)

// How much goes into one submit.
const (
	batchSize  = 500     // deliveries
	batchBytes = 4 << 20 // bytes of invitations
)

// batch is what is submitted at a time.
type batch struct {
	deliveries []ticket.Delivery
	bytes      int
	seen       int
	pending    int
	done       uint32 // all up to this UID is recorded once the batch is; 0 says nothing
}

func (b *batch) full() bool { return len(b.deliveries) >= batchSize || b.bytes >= batchBytes }

func (b *batch) add(d ticket.Delivery) {
	b.deliveries = append(b.deliveries, d)
	for _, inv := range d.Invitations {
		b.bytes += len(inv.File)
	}
	if d.Raw != nil {
		b.bytes += len(d.Raw.Body)
	}
}

// assemble turns parcels into batches of deliveries until there are no more.
// After stop nobody takes them.
func (m *Mailbox) assemble(k mark, r *reader, batches chan<- batch) {
	var b batch
	flush := func() {
		select {
		case batches <- b:
		case <-r.stop:
		}
		b = batch{}
	}
	for p := range r.out {
		if len(p.pieces) > 0 {
			<-r.room
		}
		b.seen += p.seen
		b.pending += p.pending
		for _, mail := range p.pieces {
			c := m.content(mail)
			d := m.delivery(k, mail.letter, c)
			if d.Refusal != nil {
				d.Raw, d.Imprint, d.Stays = mail.raw(), imprint(c), ordinary(c)
			}
			if b.add(d); b.full() {
				flush()
			}
		}
		if b.done = p.done; p.done != 0 {
			flush()
		}
	}
	flush()
}

// ordinary is true of a refused mail in which nothing looks like an invitation:
// a large archive, say. People see the refusal, and the mail isn't touched.
func ordinary(c carrier.Content) bool {
	return len(c.Found) == 0 && !slices.ContainsFunc(c.Refused, func(r carrier.Refused) bool { return !r.Plain })
}

// raw is a mail to be kept; nil where it could not be had.
func (p piece) raw() *ticket.Raw {
	whole := p.whole
	if p.parts != nil {
		whole = carrier.Join(p.parts.header, p.leaves)
	}
	if whole == nil {
		return nil
	}
	return &ticket.Raw{Body: whole}
}

// Reread reads a mail that was refused by today's rules (ticket.Reread).
func (m *Mailbox) Reread(k ticket.Kept) ticket.Delivery {
	l := letter{at: k.Received.Unix()}
	d := m.delivery(mark{}, l, m.content(piece{letter: l, whole: k.Raw.Body}))
	d.Item, d.Received = k.Item, k.Received
	return d
}

// content opens one mail. It keeps a mail that finds a mistake of ours from
// ending the whole program, at this start and at every further one.
func (m *Mailbox) content(p piece) (c carrier.Content) {
	defer func() {
		if r := recover(); r != nil {
			m.log.Error("mail reader panicked", "uid", p.uid, "panic", fmt.Sprint(r))
			c = damaged("This mail could not be read.")
		}
	}()
	switch {
	case p.lost != "":
		return damaged(fmt.Sprintf("The mail server does not deliver this mail (%s).", p.lost))
	case p.parts != nil:
		c = p.parts.forwarded(carrier.Assemble(p.parts.header, p.leaves, m.options.Limits))
	default:
		c = carrier.Mail(p.whole, m.options.Limits)
	}
	if m.options.Codes { // newsletters and notices speak of meetings, too
		c = c.WithCodes(!c.Header.Automatic)
	}
	return c
}

func damaged(detail string) carrier.Content {
	return carrier.Content{Refused: []carrier.Refused{{Refusal: &invitation.Refusal{Code: invitation.Damaged, Detail: detail}, Plain: true}}}
}
