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

// Bounds of what is remembered of requests that name a key.
const (
	remembered  = 24 * time.Hour
	mostAnswers = 10_000   // an account; beyond them the oldest go sooner
	mostBody    = 64 << 10 // of an answer; a longer one isn't stored
	trimEvery   = 100      // answers between two looks for too many
)

// Once is a request that is to be carried out once, however often it is sent.
type Once struct {
	Account, Key string
	Print        [32]byte // the same for the same request
}

// Answered is what the first of the same requests was answered.
type Answered struct {
	Print    [32]byte  // its request's
	Ticket   ticket.ID // which it changed, 0 for none
	Status   int       // 0: it was carried out, but its answer was lost with the program
	Type     string
	Location string
	Language string
	Body     []byte
}

type onceKey struct{}

// marking is a request under way.
type marking struct {
	Once
	ticket ticket.ID // which it changed, once that is durable
}

// Marked has the verb that is called with the context returned note, in its own
// transaction, that this request was carried out. A second one can't be then:
// it changes nothing and its fault is ticket.ErrCarriedOut.
func (*Queue) Marked(ctx context.Context, o Once) context.Context {
	return context.WithValue(ctx, onceKey{}, &marking{Once: o})
}

func markingOf(ctx context.Context) *marking {
	m, _ := ctx.Value(onceKey{}).(*marking)
	return m
}

// Asked tells what the request with o's account and key was answered within the
// last 24 hours; false if there was none.
func (q *Queue) Asked(ctx context.Context, o Once) (a Answered, found bool, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		a, found, err = asked(tx, o, q.now())
		return err
	})
	if err != nil {
		return Answered{}, false, fmt.Errorf("answers: %w", err)
	}
	return a, found, nil
}

func asked(tx *database.Tx, o Once, now time.Time) (a Answered, found bool, err error) {
	var print []byte
	err = tx.Row(`SELECT print, COALESCE(ticket, 0), COALESCE(status, 0), type, location, language, body FROM answer
		WHERE account = ? AND key = ? AND at > ?`, o.Account, o.Key, ms(now.Add(-remembered))).
		Scan(&print, &a.Ticket, &a.Status, &a.Type, &a.Location, &a.Language, &a.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return a, false, nil
	}
	copy(a.Print[:], print)
	return a, err == nil, err
}

// Keep stores the answer of a request and tells which one stands. That is a
// itself, unless the same request was carried out or answered elsewhere
// meanwhile: then it is that one's, and has no status while it has still to come.
//
// The request's own mark is known by the context that Marked gave for it;
// somebody else's, whose answer was lost, by a.Ticket. An answer that is too
// long isn't kept; of what the request changed its mark remains. Also with a
// fault, stands.Ticket tells which ticket the request changed.
func (q *Queue) Keep(ctx context.Context, o Once, a Answered) (stands Answered, err error) {
	if m := markingOf(ctx); m != nil && a.Ticket == 0 {
		a.Ticket = m.ticket
	}
	if len(a.Body) > mostBody {
		return a, nil
	}
	a.Print = o.Print
	err = q.db.Write(ctx, func(tx *database.Tx) error {
		stands = a
		now := q.now()
		n, err := tx.Exec(`INSERT INTO answer (account, key, print, at, status, type, location, language, body)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (account, key) DO UPDATE SET print = excluded.print, at = excluded.at, status = excluded.status,
			type = excluded.type, location = excluded.location, language = excluded.language, body = excluded.body
			WHERE answer.at <= ? OR answer.status IS NULL AND answer.ticket = ?`,
			o.Account, o.Key, o.Print[:], ms(now), a.Status, a.Type, a.Location, a.Language, append([]byte{}, a.Body...),
			ms(now.Add(-remembered)), int64(a.Ticket))
		if err == nil && n == 0 {
			stands, _, err = asked(tx, o, now)
		}
		if err != nil {
			return err
		}
		return q.forget(tx, o.Account, now)
	})
	if err != nil {
		return a, fmt.Errorf("keep an answer: %w", err)
	}
	return stands, nil
}

// forget removes some answers past their time, and now and then those that an
// account has too many of.
func (q *Queue) forget(tx *database.Tx, account string, now time.Time) error {
	_, err := tx.Exec("DELETE FROM answer WHERE seq IN (SELECT seq FROM answer WHERE at <= ? ORDER BY at LIMIT 20)", ms(now.Add(-remembered)))
	if err != nil || q.kept.Add(1)%trimEvery != 0 {
		return err
	}
	_, err = tx.Exec(`DELETE FROM answer WHERE account = ? AND seq <=
		(SELECT seq FROM answer WHERE account = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)`, account, account, mostAnswers)
	return err
}

// mark notes in the verb's own transaction which ticket the request changed.
// What changed nothing can be asked again without harm.
func (b *book) mark(o *marking) error {
	if b.changed == 0 || o.ticket != 0 {
		return nil
	}
	n, err := b.tx.Exec(`INSERT INTO answer (account, key, print, at, ticket) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (account, key) DO UPDATE SET print = excluded.print, at = excluded.at, ticket = excluded.ticket,
		status = NULL, type = '', location = '', language = '', body = ? WHERE answer.at <= ?`,
		o.Account, o.Key, o.Print[:], ms(b.now), int64(b.changed), []byte{}, ms(b.now.Add(-remembered)))
	if err == nil && n == 0 {
		err = ticket.ErrCarriedOut
	}
	return err
}
