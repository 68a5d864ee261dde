// Command least is the floor that the whole program is measured against: a Go
// server that does the least for the same work, as a process of its own. It
// commits a compare-and-set and a row about it, for all who wait at that moment
// in one transaction; sends bytes that it was given; tells open streams by a
// loop over their sockets; and commits files as they are renamed into a folder.
// No accounts, no rules, no deadlines, no lists.
package main

import (
	"database/sql"
	"flag"
	"log"
	"net"
	"net/http"

	_ "modernc.org/sqlite" // the same engine as ours
)

// options are the flags.
type options struct {
	file, listen, watch, take string
	tickets, frame            int
}

func main() {
	var o options
	flag.StringVar(&o.file, "file", "", "the database to make")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:0", "where to listen")
	flag.StringVar(&o.watch, "watch", "", "a folder whose files are taken as they come")
	flag.StringVar(&o.take, "take", "", "a folder whose files are taken now, and nothing else is done")
	flag.IntVar(&o.tickets, "tickets", 1, "how many there are")
	flag.IntVar(&o.frame, "frame", 900, "how many bytes a stream gets for a change")
	flag.Parse()
	if err := run(o); err != nil {
		log.Fatal(err)
	}
}

func run(o options) error {
	db, err := sql.Open("sqlite", "file:"+o.file+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if err := fill(db, o.tickets); err != nil {
		return err
	}
	if o.take != "" {
		return take(db, o.take)
	}
	s := newStreams(o.frame)
	w, err := newWriter(db, s)
	if err != nil {
		return err
	}
	if o.watch != "" {
		if err := follow(db, o.watch, s); err != nil {
			return err
		}
	}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /tickets/{id}/claim", w.serve)
	mux.HandleFunc("POST /free", w.free)
	mux.HandleFunc("GET /events", s.open)
	p := &page{}
	mux.HandleFunc("PUT /page", p.put)
	mux.HandleFunc("GET /page", p.get)
	mux.HandleFunc("GET /template", p.template)
	mux.HandleFunc("GET /same", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	return http.Serve(l, mux)
}

func fill(db *sql.DB, tickets int) error {
	_, err := db.Exec(`CREATE TABLE ticket (id INTEGER PRIMARY KEY, holder TEXT, number INTEGER NOT NULL DEFAULT 0);
		CREATE TABLE event (seq INTEGER PRIMARY KEY, ticket INTEGER NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL);
		CREATE TABLE file (name TEXT NOT NULL, content BLOB NOT NULL);
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO ticket (id) SELECT i FROM n`, tickets)
	return err
}
