package database

import (
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// find tells what became of a commit that got no answer: nil, it is durable.
//
// Table mark has the number of this writer's last transaction, stored by that
// transaction. To read it before the lost one is over would be a guess. So the
// question takes the turn first, which the lost one has until it is over; and it
// ends with a commit of its own, so that what it read is as durable as any
// answer, on a synchronous standby too. A number is safe where the server's own
// transaction numbers aren't: a standby that takes over may give those again.
func (h *postgresHand) find(lost error) error {
	for start := time.Now(); time.Since(start) < h.e.wait; {
		there, err := h.ask()
		switch {
		case err != nil && h.rest():
			lost = err
			continue
		case err != nil:
			return fmt.Errorf("%w: %w", ErrUnknown, err)
		case there:
			return nil
		}
		return fmt.Errorf("%w: it went away before this was recorded", ErrUnavailable)
	}
	h.down = true
	return fmt.Errorf("%w: %w", ErrUnknown, lost)
}

// ask tells whether the last transaction is there, durably.
func (h *postgresHand) ask() (there bool, err error) {
	if err := h.connected(); err != nil {
		return false, err
	}
	if err := h.beginOnce(); err != nil {
		return false, err
	}
	defer func() {
		if err != nil {
			h.abandon()
		}
	}()
	const read = `UPDATE mark SET seen = now() WHERE writer = ? RETURNING number`
	st, err := h.c.statement(read)
	if err != nil {
		return false, err
	}
	var number int64
	if err := st.QueryRow(h.e.writer).Scan(&number); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	h.e.notices.forget()
	if err := h.simply("COMMIT"); err != nil {
		return false, err
	}
	if h.e.notices.warned() {
		return false, errors.New("the standby doesn't confirm commits")
	}
	return number == h.number, nil
}
