package queue

import (
	"cmp"
	"fmt"
	"slices"

	"inviter/ticket"
)

// save stores every ticket on the page that changed, each with a revision of
// its own, appends what happened to the log, and writes whom to tell of it.
func (b *book) save(p *page) error {
	all := slices.Concat([]*ticket.Ticket{p.Ticket}, p.Kin, p.Rivals)
	// Who leaves the line goes first: of one user, only one may wait at any moment.
	slices.SortStableFunc(all, func(a, c *ticket.Ticket) int { return cmp.Compare(inLine(a), inLine(c)) })
	for _, t := range all {
		if err := b.put(p, t); err != nil {
			return err
		}
	}
	if err := b.remember(p.Ticket.ID, p.reply); err != nil {
		return err
	}
	for _, e := range p.Events {
		if err := b.append(e); err != nil {
			return err
		}
		if e.Kind == ticket.EventTrusted {
			if err := b.trust(p.of(e.Ticket), e); err != nil {
				return err
			}
		}
		if err := b.answer(p, e); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
	}
	return nil
}

func inLine(t *ticket.Ticket) int {
	if t.State == ticket.Waiting {
		return 1
	}
	return 0
}

// put stores one ticket if it changed.
func (b *book) put(p *page, t *ticket.Ticket) error {
	before, known := p.stored[t.ID]
	if t.State.Ended() {
		t.Size = 0
	}
	after, err := rowOf(t, b.rules)
	if err != nil {
		return err
	}
	came := t == p.Ticket && p.arrived > 0
	if known && after == before && !came {
		return nil
	}
	if err := b.open(); err != nil {
		return err
	}
	after.revision = b.tip.next()
	if b.changed == 0 {
		b.changed = p.Ticket.ID
	}
	t.Revision = after.revision
	if !known {
		err = b.insert(after)
	} else {
		err = b.update(before, after)
	}
	if err == nil {
		err = b.arrive(p, t)
	}
	if err == nil && t.State.Ended() && (!known || !ticket.State(before.state).Ended()) {
		err = b.end(t)
	}
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// update stores a ticket and its claim. A claim's row comes before the ticket
// that points to it, and the old claim's end before the new claim.
func (b *book) update(before, after row) error {
	if err := b.updateClaim(before.claim, after); err != nil {
		return err
	}
	err := b.tx.Do(`UPDATE ticket SET state = ?, flags = ?, password_required = ?, size = ?, waiting_since = ?, claims = ?, claim = ?,
		reserved_for = ?, reserved_until = ?, supersedes = ?, superseded_by = ?,
		outcome = ?, end_note = ?, ended_at = ?, due_at = ?, revision = ? WHERE id = ?`,
		after.state, after.flags, after.password, after.size, after.waitingSince, after.claims, some(after.claim.number),
		after.reservedFor, after.reservedUntil, some(after.supersedes), some(after.supersededBy),
		after.outcome, after.endNote, after.endedAt, after.due, after.revision, after.id)
	return err
}

func (b *book) updateClaim(before claimRow, after row) error {
	c := after.claim
	if before.number != 0 && before.number != c.number {
		if err := b.tx.Do("UPDATE claim SET ended_at = ? WHERE ticket = ? AND number = ?",
			ms(b.now), after.id, before.number); err != nil {
			return err
		}
	}
	var err error
	switch {
	case c.number == 0 || c == before:
	case c.number != before.number:
		err = b.tx.Do(`INSERT INTO claim (ticket, number, holder, since, lease_until, fetched_at, connected_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, after.id, c.number, c.holder, c.since, c.lease, c.fetched, c.connected)
	default:
		err = b.tx.Do("UPDATE claim SET lease_until = ?, fetched_at = ?, connected_at = ? WHERE ticket = ? AND number = ?",
			c.lease, c.fetched, c.connected, after.id, c.number)
	}
	return err
}

func (b *book) insert(r row) error {
	err := b.tx.Do(`INSERT INTO ticket (id, state, kind, format, inv_key, user_key, user_name, user_address, user_phone,
		claimed_name, note, flags, password_required, endpoints, size, start_at, waiting_since, queued_at, expires_at,
		claims, reserved_for, reserved_until, supersedes, superseded_by, outcome, end_note, ended_at, due_at, revision)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.id, r.state, r.kind, r.format, keyValue(r.key), r.userKey, r.userName, r.address, r.phone,
		r.claimedName, r.note, r.flags, r.password, r.endpoints, r.size, r.start, r.waitingSince, r.queuedAt, r.expires,
		r.claims, r.reservedFor, r.reservedUntil, some(r.supersedes), some(r.supersededBy),
		r.outcome, r.endNote, r.endedAt, r.due, r.revision)
	return err
}

// arrive stores the deliveries that were added to the page's ticket.
func (b *book) arrive(p *page, t *ticket.Ticket) error {
	if t != p.Ticket {
		return nil
	}
	for n := len(t.Deliveries) - p.arrived; n < len(t.Deliveries); n++ {
		a := t.Deliveries[n]
		if err := b.tx.Do("INSERT INTO arrival (ticket, number, source, at, sender) VALUES (?, ?, ?, ?, ?)",
			int64(t.ID), n+1, a.Source, ms(a.At), a.From); err != nil {
			return err
		}
	}
	p.arrived = 0
	return nil
}

// end wipes the file of a ticket that has just ended, and counts it.
func (b *book) end(t *ticket.Ticket) error {
	b.tip.ended[t.State]++
	n, err := b.tx.Exec("DELETE FROM payload WHERE ticket = ?", int64(t.ID))
	if n > 0 {
		b.wiped = true
		b.tx.ClearAside(int64(t.ID))
	}
	return err
}
