package queue

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// Bounds of what one address is sent. What goes beyond is recorded as dropped.
const (
	mostMails   = 5 // an hour
	mostRefused = 2 // an hour and reason: so an autoresponder that sends back what it got comes to an end
	mailHour    = time.Hour
)

// content is what a row of the outbox carries until it is done.
type content struct {
	Facts ticket.Facts `json:"facts"`
	Reply ticket.Reply `json:"reply,omitzero"`
}

// outgoing is one row to be written.
type outgoing struct {
	kind      ticket.NoticeKind
	ticket    ticket.ID
	hook      string
	recipient string // of a mail
	cause     string
	content   content
}

// answer writes what an event gives cause to say into the outbox.
func (b *book) answer(p *page, e ticket.Event) error {
	t := p.of(e.Ticket)
	if t == nil {
		return nil
	}
	kind := e.Notice(t)
	if kind == "" {
		return nil
	}
	told, err := b.overtake(t, kind)
	if err != nil || !told {
		return err
	}
	facts := ticket.FactsOf(t)
	if facts.Holder == "" {
		facts.Holder = e.By
	}
	if b.out.Mails(kind) {
		if err := b.mail(t, kind, facts); err != nil {
			return err
		}
	}
	return b.call(outgoing{kind: kind, ticket: t.ID, cause: fmt.Sprintf("%s %d %d", kind, t.ID, e.Claim), content: content{Facts: facts}})
}

// of is the ticket on the page with that number.
func (p *page) of(id ticket.ID) *ticket.Ticket {
	if p.Ticket.ID == id {
		return p.Ticket
	}
	for _, t := range p.Kin {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// overtake drops answers that an end makes stale before they were sent. told is
// false where the user need not hear of the end at all: an invitation that was
// superseded before he ever heard of it, as where one mail brings several.
func (b *book) overtake(t *ticket.Ticket, kind ticket.NoticeKind) (told bool, err error) {
	if !t.State.Ended() || len(b.out.Mail) == 0 {
		return true, nil
	}
	untried, err := b.tx.Exec("UPDATE outbox SET state = 'dropped', content = '', next_at = NULL, error = 'overtaken' "+
		"WHERE ticket = ? AND kind = 'queued' AND hook = '' AND state = 'pending' AND tries = 0", int64(t.ID))
	if err == nil {
		_, err = b.tx.Exec("UPDATE outbox SET state = 'dropped', content = '', next_at = NULL, error = 'overtaken' "+
			"WHERE ticket = ? AND kind IN ('queued', 'claimed') AND hook = '' AND state = 'pending'", int64(t.ID))
	}
	return kind != ticket.NoticeSuperseded || untried == 0, err
}

// mail writes an answer to the ticket's user, if he is to be answered at all.
func (b *book) mail(t *ticket.Ticket, kind ticket.NoticeKind, facts ticket.Facts) error {
	r, err := b.replyOf(t.ID)
	if err != nil || !r.Wanted() {
		return err
	}
	if kind == ticket.NoticeQueued {
		if facts.Place, err = b.place(t); err != nil {
			return err
		}
	}
	return b.post(outgoing{
		kind: kind, ticket: t.ID, recipient: strings.ToLower(r.To),
		cause: fmt.Sprintf("mail %s %d", kind, t.ID), content: content{facts, r},
	})
}

// mailRefusal writes why a delivery can't be used to who sent it.
func (b *book) mailRefusal(d ticket.Delivery) error {
	if !b.out.Mails(ticket.NoticeRefused) || !d.Reply.Wanted() {
		return nil
	}
	about := fmt.Sprintf("mail refused %s ", d.Refusal.Code)
	to := strings.ToLower(d.Reply.To)
	same, err := b.mailed(to, about)
	if err != nil || same >= mostRefused {
		return err
	}
	return b.post(outgoing{
		kind: ticket.NoticeRefused, recipient: to, cause: about + d.Source + " " + d.Item,
		content: content{ticket.Facts{User: d.From.Name, Code: d.Refusal.Code, Source: d.Source}, d.Reply},
	})
}

// mailed counts the mails of the last hour to an address whose cause begins so.
func (b *book) mailed(to, cause string) (n int, err error) {
	err = b.tx.Row("SELECT count(*) FROM outbox WHERE recipient = ? AND at > ? AND state <> 'dropped' AND substr(cause, 1, ?) = ?",
		to, ms(b.now.Add(-mailHour)), len(cause), cause).Scan(&n)
	return n, err
}

// post writes one mail, dropped where its address has had enough.
func (b *book) post(o outgoing) error {
	n, err := b.mailed(o.recipient, "")
	if err != nil {
		return err
	}
	if n < mostMails {
		return b.enqueue(o)
	}
	_, err = b.tx.Exec(`INSERT INTO outbox (cause, kind, ticket, hook, recipient, content, at, state, tries, error)
		VALUES (?, ?, ?, '', ?, '', ?, 'dropped', 0, 'too many to this address') ON CONFLICT (cause) DO NOTHING`,
		o.cause, string(o.kind), some(int64(o.ticket)), o.recipient, ms(b.now))
	return err
}

// call writes one call for each webhook that wants to know.
func (b *book) call(o outgoing) error {
	cause := o.cause
	for _, h := range b.out.Hooks {
		for _, k := range h.Kinds {
			if k != o.kind {
				continue
			}
			o.hook, o.cause = h.Name, "hook "+h.Name+" "+cause
			if err := b.enqueue(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// enqueue writes one row, unless what it says was said.
func (b *book) enqueue(o outgoing) error {
	body, err := json.Marshal(o.content)
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	_, err = b.tx.Exec(`INSERT INTO outbox (cause, kind, ticket, hook, recipient, content, at, state, tries, next_at, error)
		VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', 0, ?, '') ON CONFLICT (cause) DO NOTHING`,
		o.cause, string(o.kind), some(int64(o.ticket)), o.hook, o.recipient, string(body), ms(b.now), ms(b.now))
	return err
}

// remember stores to whom a ticket's answers go; the first one who may be
// answered stays.
func (b *book) remember(id ticket.ID, r ticket.Reply) error {
	if len(b.out.Mail) == 0 || !r.Wanted() {
		return nil
	}
	_, err := b.tx.Exec(`INSERT INTO reply (ticket, address, message_id, subject, language) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (ticket) DO NOTHING`, int64(id), r.To, r.MessageID, r.Subject, r.Language)
	return err
}

func (b *book) replyOf(id ticket.ID) (r ticket.Reply, err error) {
	err = b.tx.Row("SELECT address, message_id, subject, language FROM reply WHERE ticket = ?", int64(id)).
		Scan(&r.To, &r.MessageID, &r.Subject, &r.Language)
	if errors.Is(err, sql.ErrNoRows) {
		return ticket.Reply{}, nil
	}
	return r, err
}

// placeMost bounds how far a place in line is counted.
const placeMost = 1000

// place is where a waiting ticket stands in line, the first is 1; 0 where it
// doesn't wait, or so far behind that the number says nothing.
func (b *book) place(t *ticket.Ticket) (int, error) { return place(b.tx, t, ms(b.now)) }

func place(tx *database.Tx, t *ticket.Ticket, now int64) (n int, err error) {
	if t.State != ticket.Waiting {
		return 0, nil
	}
	since := ms(t.WaitingSince)
	err = tx.Row(`SELECT count(*) FROM (SELECT 1 FROM ticket WHERE state = 'waiting' AND expires_at > ?
		AND (waiting_since < ? OR waiting_since = ? AND id < ?) LIMIT ?) AS ahead`,
		now, since, since, int64(t.ID), placeMost).Scan(&n)
	if err != nil || n >= placeMost {
		return 0, err
	}
	return n + 1, nil
}
