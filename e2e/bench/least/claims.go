package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"strconv"
)

// claim is one that waits for its commit.
type claim struct {
	ticket int64
	who    string
	answer chan<- outcome
}

type outcome struct {
	won bool
	err error
}

// writer is the one that writes.
type writer struct {
	db         *sql.DB
	take, tell *sql.Stmt
	waiting    chan claim
	streams    *streams
}

func newWriter(db *sql.DB, s *streams) (w *writer, err error) {
	w = &writer{db: db, waiting: make(chan claim, 4096), streams: s}
	if w.take, err = db.Prepare("UPDATE ticket SET holder = ?, number = number + 1 WHERE id = ? AND holder IS NULL"); err != nil {
		return nil, err
	}
	if w.tell, err = db.Prepare("INSERT INTO event (ticket, what, who) VALUES (?, 'claimed', ?)"); err != nil {
		return nil, err
	}
	go w.run()
	return w, nil
}

func (w *writer) serve(out http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	answer := make(chan outcome, 1)
	w.waiting <- claim{id, r.Header.Get("Authorization"), answer}
	switch o := <-answer; {
	case o.err != nil:
		http.Error(out, o.err.Error(), http.StatusInternalServerError)
	case !o.won:
		http.Error(out, `{"code":"taken"}`, http.StatusConflict)
	default:
		fmt.Fprintf(out, `{"id":%d,"state":"claimed"}`, id)
		w.streams.tell()
	}
}

// free lets all tickets be claimed again.
func (w *writer) free(out http.ResponseWriter, _ *http.Request) {
	if _, err := w.db.Exec("UPDATE ticket SET holder = NULL"); err != nil {
		http.Error(out, err.Error(), http.StatusInternalServerError)
	}
}

func (w *writer) run() {
	for first := range w.waiting {
		batch := []claim{first}
		for more := true; more && len(batch) < 1000; {
			select {
			case c := <-w.waiting:
				batch = append(batch, c)
			default:
				more = false
			}
		}
		won, err := w.commit(batch)
		for i, c := range batch {
			c.answer <- outcome{err == nil && won[i], err}
		}
	}
}

func (w *writer) commit(batch []claim) (won []bool, err error) {
	tx, err := w.db.Begin()
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() //nolint:errcheck // after the commit there is nothing to roll back
	take, tell := tx.Stmt(w.take), tx.Stmt(w.tell)
	for _, c := range batch {
		res, err := take.Exec(c.who, c.ticket)
		if err != nil {
			return nil, err
		}
		n, err := res.RowsAffected()
		if err == nil && n == 1 {
			_, err = tell.Exec(c.ticket, c.who)
		}
		if err != nil {
			return nil, err
		}
		won = append(won, n == 1)
	}
	return won, tx.Commit()
}
