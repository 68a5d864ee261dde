package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// mostTrusts bounds how many contacts Trusts lists.
const mostTrusts = 1000

const trustColumns = "id, user_key, user_name, user_address, user_phone, since, used, ticket, helper FROM trust"

// Trusts lists the trusted contacts, the last used first.
func (q *Queue) Trusts(ctx context.Context) (list []ticket.Trust, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query("SELECT "+trustColumns+" WHERE used > ? ORDER BY used DESC, id LIMIT ?", ms(q.now().Add(-ticket.TrustLife)), mostTrusts)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			t, err := scanTrust(rows)
			if err != nil {
				return err
			}
			list = append(list, t)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("trusted contacts: %w", err)
	}
	return list, nil
}

// TrustIn is the trust between the team and a ticket's user; refused as unknown
// where there is none.
func (q *Queue) TrustIn(ctx context.Context, id ticket.ID) (t ticket.Trust, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		t, err = trustOf(tx, q.now(), "user_key = (SELECT user_key FROM ticket WHERE id = ?)", int64(id))
		return err
	})
	if err != nil {
		return ticket.Trust{}, about(id, err)
	}
	return t, nil
}

// Revoke ends a trust, by one of the team. Open tickets that said no password
// call was needed ask for it again.
func (q *Queue) Revoke(ctx context.Context, trust int64, by ticket.Technician) error {
	if !by.MayClaim() {
		return &ticket.Refusal{Code: ticket.CodeForbidden}
	}
	return q.revoke(ctx, by.Name, "id = ?", trust)
}

// RevokeIn ends the trust with a ticket's user, by that user.
func (q *Queue) RevokeIn(ctx context.Context, id ticket.ID) error {
	return q.revoke(ctx, ticket.ByUser, "user_key = (SELECT user_key FROM ticket WHERE id = ?)", int64(id))
}

func (q *Queue) revoke(ctx context.Context, by, which string, arg int64) error {
	side := "team"
	if by == ticket.ByUser {
		side = by
	}
	err := q.write(ctx, func(b *book) error {
		t, err := trustOf(b.tx, b.now, which, arg)
		if err != nil {
			return err
		}
		if _, err := b.tx.Exec("DELETE FROM trust WHERE id = ?", t.ID); err != nil {
			return err
		}
		rows, err := b.tx.Query("SELECT id FROM ticket WHERE user_key = ? AND kind = 'easyconnect' AND state IN ('waiting', 'claimed', 'quarantined')", t.User.Key)
		if err != nil {
			return err
		}
		open, err := numbersIn(rows)
		if err != nil {
			return err
		}
		for _, id := range open {
			if _, err := b.change(id, func(c *ticket.Case) error { return c.Distrust() }); err != nil {
				return about(id, err)
			}
		}
		return b.append(ticket.Event{Ticket: t.Ticket, At: b.now, Kind: ticket.EventDistrusted, By: by, Other: side})
	})
	if _, no := err.(*ticket.Refusal); err != nil && !no {
		return fmt.Errorf("revoke trust: %w", err)
	}
	return err
}

// trust keeps what a help that went well says about its user.
func (b *book) trust(t *ticket.Ticket, e ticket.Event) error {
	_, err := b.tx.Exec(`INSERT INTO trust (user_key, user_name, user_address, user_phone, since, used, ticket, helper) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (user_key) DO UPDATE SET used = excluded.used, user_name = excluded.user_name,
		user_address = excluded.user_address, user_phone = excluded.user_phone`,
		t.User.Key, t.User.Name, t.User.Address, t.User.Phone, ms(e.At), ms(e.At), int64(t.ID), e.By)
	if err != nil {
		return fmt.Errorf("trust: %w", err)
	}
	return nil
}

// trusts tells whether the user is a trusted contact. What ran out is no trust,
// whether or not it was cleared away yet.
func (b *book) trusts(user string) (bool, error) {
	if user == "" {
		return false, nil
	}
	var n int
	err := b.tx.Row("SELECT count(*) FROM trust WHERE user_key = ? AND used > ?", user, ms(b.now.Add(-ticket.TrustLife))).Scan(&n)
	return n > 0, err
}

// forgetTrust clears away the trust that ran out.
func (q *Queue) forgetTrust(ctx context.Context) error {
	before := ms(q.now().Add(-ticket.TrustLife))
	err := q.db.WriteBulk(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("DELETE FROM trust WHERE used <= ?", before)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget trust: %w", err)
	}
	return nil
}

func trustOf(tx *database.Tx, now time.Time, which string, arg int64) (ticket.Trust, error) {
	t, err := scanTrust(tx.Row("SELECT "+trustColumns+" WHERE "+which, arg))
	if errors.Is(err, sql.ErrNoRows) || err == nil && !t.Alive(now) {
		return ticket.Trust{}, &ticket.Refusal{Code: ticket.CodeUnknown}
	}
	return t, err
}

func scanTrust(from interface{ Scan(...any) error }) (t ticket.Trust, err error) {
	var since, used int64
	err = from.Scan(&t.ID, &t.User.Key, &t.User.Name, &t.User.Address, &t.User.Phone, &since, &used, &t.Ticket, &t.By)
	t.Since, t.Used = at(since), at(used)
	return t, err
}
