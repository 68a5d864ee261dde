package mailbox

import (
	"fmt"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/ticket"
)

// How much goes into one submit.
const (
	batchSize  = 200     // deliveries
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
}

// assemble turns parcels into batches of deliveries until there are no more.
// After stop nobody takes them.
func (m *Mailbox) assemble(k mark, parcels <-chan parcel, batches chan<- batch, stop <-chan struct{}) {
	var b batch
	flush := func() {
		select {
		case batches <- b:
		case <-stop:
		}
		b = batch{}
	}
	for p := range parcels {
		b.seen += p.seen
		b.pending += p.pending
		for _, mail := range p.pieces {
			if b.add(m.delivery(k, mail.letter, m.content(mail))); b.full() {
				flush()
			}
		}
		if b.done = p.done; p.done != 0 {
			flush()
		}
	}
	flush()
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
		return p.parts.forwarded(carrier.Assemble(p.parts.header, p.leaves, m.options.Limits))
	}
	return carrier.Mail(p.whole, m.options.Limits)
}

func damaged(detail string) carrier.Content {
	return carrier.Content{Refused: []carrier.Refused{{Refusal: &invitation.Refusal{Code: invitation.Damaged, Detail: detail}}}}
}
