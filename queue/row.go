package queue

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

// row is one ticket as table ticket and its open claim's row hold it. Rows can
// be compared: what differs from what was loaded has to be saved.
type row struct {
	id, password, size, claims, supersedes, supersededBy, revision int64

	state, kind, format, key, userKey, userName, address, phone string
	claimedName, note, flags, endpoints, reservedFor            string
	outcome, endNote                                            string

	start, waitingSince, queuedAt, expires int64 // Unix milliseconds
	reservedUntil, endedAt, due            sql.NullInt64
	claim                                  claimRow
}

// claimRow is an open claim; its number is 0 where there is none.
type claimRow struct {
	number             int64
	holder             string
	since, lease       int64
	fetched, connected sql.NullInt64
}

// rowOf is t as it is stored under the rules.
func rowOf(t *ticket.Ticket, rules ticket.Rules) (row, error) {
	endpoints, err := json.Marshal(t.Endpoints)
	if err != nil {
		return row{}, fmt.Errorf("ticket %d: endpoints: %w", t.ID, err)
	}
	r := row{
		id: int64(t.ID), size: int64(t.Size), claims: int64(t.Claims),
		supersedes: int64(t.Supersedes), supersededBy: int64(t.SupersededBy), revision: t.Revision,
		state: string(t.State), kind: string(t.Kind), format: string(t.Format), key: keyText(t.Key),
		userKey: t.User.Key, userName: t.User.Name, address: t.User.Address, phone: t.User.Phone,
		claimedName: t.ClaimedName, note: t.Note, flags: join(t.Flags), endpoints: string(endpoints),
		outcome: string(t.Outcome), endNote: t.EndNote,
		start: ms(t.Start), waitingSince: ms(t.WaitingSince), queuedAt: ms(t.QueuedAt), expires: ms(t.Expires),
		endedAt: maybe(t.EndedAt), due: maybe(due(t, rules)),
	}
	if t.PasswordRequired {
		r.password = 1
	}
	if t.Reserved != nil {
		r.reservedFor, r.reservedUntil = t.Reserved.Holder, maybe(t.Reserved.Until)
	}
	if c := t.Claim; c != nil {
		r.claim = claimRow{
			number: int64(c.Number), holder: c.Holder, since: ms(c.Since), lease: ms(c.LeaseUntil),
			fetched: maybe(c.Fetched), connected: maybe(c.Connected),
		}
	}
	return r, nil
}

// due is when ticket.Case.Tick has something to do with t at the latest; the
// zero time once t has ended.
func due(t *ticket.Ticket, rules ticket.Rules) time.Time {
	switch {
	case t.State.Ended():
		return time.Time{}
	case t.State != ticket.Claimed:
		return t.Expires
	}
	lapse := t.Claim.LeaseUntil.Add(rules.Grace)
	touched := !t.Claim.Fetched.IsZero() || !t.Claim.Connected.IsZero()
	if touched && lapse.Before(t.Expires) {
		return t.Expires
	}
	return lapse
}

// ticket is what the row stands for, without its deliveries.
func (r row) ticket() (*ticket.Ticket, error) {
	t := &ticket.Ticket{
		ID: ticket.ID(r.id), State: ticket.State(r.state), Kind: ticket.Kind(r.kind),
		Format:      invitation.Format(r.format),
		User:        ticket.User{Key: r.userKey, Name: r.userName, Address: r.address, Phone: r.phone},
		ClaimedName: r.claimedName, Note: r.note, Flags: split[ticket.Flag](r.flags),
		PasswordRequired: r.password == 1, Size: int(r.size),
		Start: at(r.start), WaitingSince: at(r.waitingSince), QueuedAt: at(r.queuedAt), Expires: at(r.expires),
		Claims: int(r.claims), Supersedes: ticket.ID(r.supersedes), SupersededBy: ticket.ID(r.supersededBy),
		Outcome: ticket.End(r.outcome), EndNote: r.endNote, EndedAt: moment(r.endedAt), Revision: r.revision,
	}
	copy(t.Key[:], r.key)
	if err := json.Unmarshal([]byte(r.endpoints), &t.Endpoints); err != nil {
		return nil, fmt.Errorf("ticket %d: endpoints: %w", r.id, err)
	}
	if r.reservedFor != "" {
		t.Reserved = &ticket.Reservation{Holder: r.reservedFor, Until: moment(r.reservedUntil)}
	}
	if c := r.claim; c.number != 0 {
		t.Claim = &ticket.Claim{
			Number: int(c.number), Holder: c.holder, Since: at(c.since), LeaseUntil: at(c.lease),
			Fetched: moment(c.fetched), Connected: moment(c.connected),
		}
	}
	return t, nil
}

// columns are those of a row, of ticket t and its open claim c.
const columns = `t.id, t.state, t.kind, t.format, t.inv_key, t.user_key, t.user_name, t.user_address, t.user_phone,
	t.claimed_name, t.note, t.flags, t.password_required, t.endpoints, t.size,
	t.start_at, t.waiting_since, t.queued_at, t.expires_at, t.claims, t.reserved_for, t.reserved_until,
	COALESCE(t.supersedes, 0), COALESCE(t.superseded_by, 0), t.outcome, t.end_note, t.ended_at, t.due_at, t.revision,
	COALESCE(c.number, 0), COALESCE(c.holder, ''), COALESCE(c.since, 0), COALESCE(c.lease_until, 0),
	c.fetched_at, c.connected_at`

const openClaim = " LEFT JOIN claim c ON c.ticket = t.id AND c.number = t.claim"

// selected are the columns of tickets.
const selected = columns + " FROM ticket t" + openClaim

// eachRow hands on the rows and closes them. Before columns there may be more,
// which are read into before; what is there is the next row's afterwards.
func eachRow(rows *sql.Rows, before []any, found func(row) error) error {
	defer rows.Close()
	var r row
	var key []byte
	places := append(before, r.places(&key)...)
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return fmt.Errorf("read ticket: %w", err)
		}
		r.key = string(key)
		if err := found(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// places are where columns are read to.
func (r *row) places(key *[]byte) []any {
	return []any{&r.id, &r.state, &r.kind, &r.format, key, &r.userKey, &r.userName, &r.address, &r.phone,
		&r.claimedName, &r.note, &r.flags, &r.password, &r.endpoints, &r.size,
		&r.start, &r.waitingSince, &r.queuedAt, &r.expires, &r.claims, &r.reservedFor, &r.reservedUntil,
		&r.supersedes, &r.supersededBy, &r.outcome, &r.endNote, &r.endedAt, &r.due, &r.revision,
		&r.claim.number, &r.claim.holder, &r.claim.since, &r.claim.lease, &r.claim.fetched, &r.claim.connected}
}

// ms is a time as it is stored: Unix milliseconds.
func ms(t time.Time) int64 { return t.UnixMilli() }

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// maybe and moment store the zero time as NULL.
func maybe(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: ms(t), Valid: true}
}

func moment(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return at(n.Int64)
}

// some stores 0 as NULL.
func some(n int64) driver.Value {
	if n == 0 {
		return nil
	}
	return n
}

// keyText is a key's bytes, "" for no key.
func keyText(k invitation.Key) string {
	if k == (invitation.Key{}) {
		return ""
	}
	return string(k[:])
}

// keyValue stores "" as NULL.
func keyValue(key string) driver.Value {
	if key == "" {
		return nil
	}
	return []byte(key)
}

// join and split store a list of words with a blank between.
func join[T ~string](words []T) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, " ")
}

func split[T ~string](s string) []T {
	var out []T
	for _, w := range strings.Fields(s) {
		out = append(out, T(w))
	}
	return out
}
