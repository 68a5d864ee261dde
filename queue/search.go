package queue

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"

	"inviter/database"
	"inviter/ticket"
)

// mostSearched bounds how many ended tickets one search looks at. What lies
// further back is searched from the page's Next on.
const mostSearched = 20_000

// words are all that an ended ticket's people wrote or are called, those of its
// ways and holders among them. Both engines fold no letters but the plain ones,
// so that is left to Go.
const words = `t.id, t.ended_at, t.state, t.outcome, t.user_name, t.user_address, t.user_phone, t.claimed_name, t.note, t.end_note,
	coalesce((SELECT string_agg(a.source || ' ' || a.sender, ' ') FROM arrival a WHERE a.ticket = t.id), ''),
	coalesce((SELECT string_agg(c.holder, ' ') FROM claim c WHERE c.ticket = t.id), '')`

// search gives the ended tickets that e.Match finds, the latest first, and where
// to go on: "" after the last of them.
func (q *Queue) search(tx *database.Tx, e Past, from mark, limit int) ([]ticket.Ticket, string, error) {
	only, args := ended(e, from)
	rows, err := tx.Query("SELECT "+words+" FROM ticket t WHERE "+only+" ORDER BY ended_at DESC, id DESC LIMIT ?", append(args, mostSearched)...)
	if err != nil {
		return nil, "", err
	}
	found, next, err := matching(rows, e, limit)
	if err != nil {
		return nil, "", err
	}
	list, err := q.these(tx, found)
	return list, next, err
}

func matching(rows *sql.Rows, e Past, limit int) (found []int64, next string, err error) {
	defer rows.Close()
	looked, last, kept := 0, mark{}, mark{}
	for ; rows.Next(); looked++ {
		var state, outcome string
		var text [8]string
		if err := rows.Scan(&last.id, &last.since, &state, &outcome, &text[0], &text[1], &text[2], &text[3], &text[4], &text[5], &text[6], &text[7]); err != nil {
			return nil, "", fmt.Errorf("search ended tickets: %w", err)
		}
		all := strings.ToLower(fmt.Sprint(last.id, "\n") + strings.Join(text[:], "\n"))
		if !e.Match(all, ticket.State(state), ticket.End(outcome)) {
			continue
		}
		if len(found) == limit {
			return found, kept.String(), nil
		}
		found, kept = append(found, last.id), last
	}
	if looked == mostSearched {
		next = last.String()
	}
	return found, next, rows.Err()
}

// these are ended tickets by their numbers, some at a time, for each number of
// values is a statement of its own.
func (q *Queue) these(tx *database.Tx, ids []int64) ([]ticket.Ticket, error) {
	const some = 50
	which := strings.Repeat("?, ", some-1) + "?"
	var list []ticket.Ticket
	for ; len(ids) > 0; ids = ids[min(some, len(ids)):] {
		args := make([]driver.Value, some)
		for i := range args {
			args[i] = int64(-1)
			if i < len(ids) {
				args[i] = ids[i]
			}
		}
		part, err := q.tickets(tx, which, args, "t.ended_at DESC, t.id DESC", some)
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
	}
	return list, nil
}
