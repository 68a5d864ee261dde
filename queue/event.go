package queue

import (
	"database/sql"
	"fmt"

	"inviter/ticket"
)

const eventColumns = "seq, ticket, at, kind, person, claim, other, note, before FROM event"

// eachEvent hands on the log's rows and closes them.
func eachEvent(rows *sql.Rows, found func(seq int64, e ticket.Event, before []byte) error) error {
	defer rows.Close()
	for rows.Next() {
		var seq, id, when int64
		var kind string
		var before []byte
		var e ticket.Event
		if err := rows.Scan(&seq, &id, &when, &kind, &e.By, &e.Claim, &e.Other, &e.Note, &before); err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		e.Ticket, e.At, e.Kind = ticket.ID(id), at(when), ticket.EventKind(kind)
		if err := found(seq, e, before); err != nil {
			return err
		}
	}
	return rows.Err()
}
