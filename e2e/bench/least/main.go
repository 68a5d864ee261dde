// Command least is the floor that claims are measured against: the least Go
// server that commits a compare-and-set and a row about it, for all who wait at
// that moment in one transaction. No accounts, no rules, no deadlines, no lists.
package main

import (
	"database/sql"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"

	_ "modernc.org/sqlite" // the same engine as ours
)

func main() {
	file := flag.String("file", "", "the database to make")
	listen := flag.String("listen", "127.0.0.1:0", "where to listen")
	tickets := flag.Int("tickets", 1, "how many there are")
	flag.Parse()
	if err := run(*file, *listen, *tickets); err != nil {
		log.Fatal(err)
	}
}

func run(file, listen string, tickets int) error {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if err := fill(db, tickets); err != nil {
		return err
	}
	w := &writer{db: db, waiting: make(chan claim, 4096)}
	if w.take, err = db.Prepare("UPDATE ticket SET holder = ?, number = number + 1 WHERE id = ? AND holder IS NULL"); err != nil {
		return err
	}
	if w.tell, err = db.Prepare("INSERT INTO event (ticket, what, who) VALUES (?, 'claimed', ?)"); err != nil {
		return err
	}
	go w.run()
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /tickets/{id}/claim", w.serve)
	mux.HandleFunc("POST /free", w.free)
	return http.Serve(l, mux)
}

func fill(db *sql.DB, tickets int) error {
	_, err := db.Exec(`CREATE TABLE ticket (id INTEGER PRIMARY KEY, holder TEXT, number INTEGER NOT NULL DEFAULT 0);
		CREATE TABLE event (seq INTEGER PRIMARY KEY, ticket INTEGER NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL);
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO ticket (id) SELECT i FROM n`, tickets)
	return err
}

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
