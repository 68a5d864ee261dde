// Package bench_test measures the queue beside peers and floors, in turn in one
// run: only the ratios mean anything. `make bench` prints the tables.
package bench_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inviter/database"
	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
	"inviter/invitation"
	"inviter/queue"
	"inviter/ticket"
)

// rounds is how often each side is measured, in turn; the best counts.
const rounds = 5

var ada = ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}

// desk is a queue in a folder of its own, or on a server.
type desk struct {
	*queue.Queue
	b     *testing.B
	dir   string
	url   string
	db    *database.DB
	items int
	ahead atomic.Int64 // of the true time, in nanoseconds
}

func newDesk(b *testing.B) *desk { return newDeskAt(b, "") }

func newDeskAt(b *testing.B, url string) *desk {
	b.Helper()
	d := &desk{b: b, dir: b.TempDir(), url: url}
	d.open()
	b.Cleanup(func() { d.db.Close() })
	return d
}

func (d *desk) open() {
	d.b.Helper()
	var err error
	if d.db, err = database.Open(context.Background(), database.Options{Dir: d.dir, URL: d.url}); err != nil {
		d.b.Fatal(err)
	}
	d.Queue, err = queue.Open(context.Background(), queue.Options{
		DB: d.db, KeyFile: filepath.Join(d.dir, "inviter.key"), Rules: ticket.DefaultRules(), Clock: d.now})
	if err != nil {
		d.b.Fatal(err)
	}
}

func (d *desk) now() time.Time { return time.Now().Add(time.Duration(d.ahead.Load())) }

// bare is the desk's database without the program; more is what the file's name
// says to SQLite.
func (d *desk) bare(more string) *sql.DB {
	d.b.Helper()
	driver, at := "sqlite", "file:"+filepath.Join(d.dir, database.FileName)+"?_journal_mode=WAL&"+more
	if d.url != "" {
		driver, at = "pgx", d.url
	}
	db, err := sql.Open(driver, at)
	if err != nil {
		d.b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// ground is what the desks of a comparison stand on.
type ground struct {
	name    string        // in a title
	history int           // how many tickets have ended, where there is a large archive
	due     int           // how many of them are due at once
	url     func() string // of a database of its own; "" for a file
}

func (g ground) desk(b *testing.B) *desk {
	b.Helper()
	return newDeskAt(b, g.url())
}

// grounds are SQLite, and PostgreSQL where this machine has it: with less of
// all there, so that the run is short.
func grounds(b *testing.B) []ground {
	b.Helper()
	file := ground{without(), 1_000_000, 10_000, func() string { return "" }}
	if !private.HasPostgreSQL() {
		return []ground{file}
	}
	return []ground{file, {", on PostgreSQL", 100_000, 2_000, private.StartPostgreSQL(b).NewDatabase}}
}

// fill hands in n tickets of as many users, and tells the last one's number.
func (d *desk) fill(n int) ticket.ID { return d.fillFor(n, d.now(), 6*time.Hour) }

func (d *desk) fillFor(n int, start time.Time, life time.Duration) (last ticket.ID) {
	d.b.Helper()
	for n > 0 {
		batch := make([]ticket.Delivery, 0, 200)
		for range min(n, 200) {
			batch = append(batch, d.delivery(start, life))
		}
		n -= len(batch)
		receipts, err := d.Submit(context.Background(), batch)
		if err != nil {
			d.b.Fatal(err)
		}
		last = receipts[len(receipts)-1].Tickets[0]
	}
	return last
}

func (d *desk) delivery(start time.Time, life time.Duration) ticket.Delivery {
	d.items++
	name := fmt.Sprintf("user%d@example.org", d.items)
	file := make([]byte, 2000)
	copy(file, name)
	return ticket.Delivery{
		Source: "mailbox:helpdesk", Item: fmt.Sprintf("1/%d", d.items), Received: start,
		From: ticket.User{Key: "mail:" + name + " proven", Name: name, Address: name},
		Invitations: []invitation.Invitation{{
			Format: invitation.RA2, Key: sha256.Sum256([]byte(name)), User: name, Start: start, Minutes: int64(life / time.Minute),
			PasswordRequired: true, Endpoints: []invitation.Endpoint{{Host: "10.0.0.7", Port: 49152}}, File: file,
		}},
	}
}

// each does n things with so many workers side by side.
func each(workers, n int, do func(i int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	all.Wait()
}

// record is where the tables go.
var record = ratio.NewLog(ratio.Peer{Name: "PostgreSQL", Args: []string{"psql", "--version"}})

// keep prints a table, and adds it to the docs where that is asked for.
func keep(b *testing.B, t ratio.Table) {
	b.Helper()
	if err := record.Add(t); err != nil {
		b.Error(err)
	}
}

func table(b *testing.B, title string, rows [][]string) {
	b.Helper()
	keep(b, ratio.Table{Title: title, Rows: rows})
}

// What was not measured, because a peer is missing, is 0 and written as "-".

func top(all []float64) float64 { return slices.Max(append([]float64{0}, all...)) }

func least(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	return slices.Min(all)
}

func persec(f float64) string {
	if f == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", f)
}

func of(a, b float64) string {
	if a == 0 || b == 0 {
		return "-"
	}
	return ratio.Part(a, b)
}

func ms(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}

// without is what a title says of a missing PostgreSQL.
func without() string {
	if private.HasPostgreSQL() {
		return ""
	}
	return "; PostgreSQL is missing here"
}

// at is a percentile.
func at(all []time.Duration, percent int) time.Duration {
	s := slices.Sorted(slices.Values(all))
	return s[(len(s)-1)*percent/100]
}
