package bench_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	"maragu.dev/goqite"
	_ "modernc.org/sqlite"

	"inviter/e2e/private"
	"inviter/ticket"
)

// tickets is how many wait when claims are measured.
const tickets = 10_000

// claimers are how many claim at the same time, and how many claims are timed.
func claimers() []struct{ at, claims int } {
	return []struct{ at, claims int }{{1, 500}, {64, 2500}, {500, 3000}, {2000, 3000}}
}

// BenchmarkClaims gives out tickets, each durably, to technicians who come again
// at once: our queue on both engines, a queue on SQLite whose messages are
// received and deleted, a compare-and-set in PostgreSQL, and what the disk can
// sync one after another.
func BenchmarkClaims(b *testing.B) {
	peers := []struct {
		name  string
		ready func(*testing.B) func(claimers, from, n int)
	}{
		{"inviter", ours}, {"goqite", goqiteClaims}, {"there", oursThere}, {"postgres", postgresClaims}, {"fsync", fsyncs},
	}
	rate := map[string][]float64{}
	for range rounds {
		for _, p := range peers {
			if onIt := p.name == "there" || p.name == "postgres"; onIt && !private.HasPostgreSQL() {
				continue
			}
			do, from := p.ready(b), 0
			for i, c := range claimers() {
				start := time.Now()
				do(c.at, from, c.claims)
				key := fmt.Sprintf("%s %d", p.name, i)
				rate[key] = append(rate[key], float64(c.claims)/time.Since(start).Seconds())
				from += c.claims
			}
		}
	}
	rows := [][]string{{"at the same time", "inviter", "goqite", "inviter on PostgreSQL", "bare PostgreSQL", "fsyncs",
		"of goqite", "of PostgreSQL", "on it, of it bare", "of fsyncs"}}
	for i, c := range claimers() {
		best := func(name string) float64 { return top(rate[fmt.Sprintf("%s %d", name, i)]) }
		rows = append(rows, []string{fmt.Sprint(c.at), persec(best("inviter")), persec(best("goqite")), persec(best("there")), persec(best("postgres")),
			persec(best("fsync")), of(best("inviter"), best("goqite")), of(best("inviter"), best("postgres")), of(best("there"), best("postgres")), of(best("inviter"), best("fsync"))})
		b.ReportMetric(best("inviter")/best("fsync"), fmt.Sprintf("of-fsyncs-at-%d", c.at))
	}
	table(b, fmt.Sprintf("Row 6, the queue without HTTP: durable claims a second on %d tickets (best of %d in turn%s)", tickets, rounds, without()), rows)
}

func ours(b *testing.B) func(claimers, from, n int) { return oursAt(b, "") }

func oursThere(b *testing.B) func(claimers, from, n int) {
	return oursAt(b, private.StartPostgreSQL(b).URL())
}

func oursAt(b *testing.B, url string) func(claimers, from, n int) {
	d := newDeskAt(b, url)
	d.fill(tickets)
	return func(claimers, from, n int) {
		each(claimers, n, func(i int) {
			if _, err := d.Claim(context.Background(), ticket.ID(from+i+1), ada); err != nil {
				b.Error(err)
			}
		})
	}
}

// goqiteSchema is the one that comes with the library.
func goqiteSchema(b *testing.B) string {
	b.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "maragu.dev/goqite").Output()
	if err != nil {
		b.Fatal(err)
	}
	schema, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "schema_sqlite.sql"))
	if err != nil {
		b.Fatal(err)
	}
	return string(schema)
}

func goqiteClaims(b *testing.B) func(claimers, from, n int) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "q.db")+"?_txlock=immediate&_busy_timeout=30000&_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // as its examples have it
	ctx := context.Background()
	if _, err := db.Exec(goqiteSchema(b)); err != nil {
		b.Fatal(err)
	}
	q := goqite.New(goqite.NewOpts{DB: db, Name: "line", Timeout: time.Hour})
	tx, err := db.Begin()
	for i := 0; err == nil && i < tickets; i++ {
		err = q.SendTx(ctx, tx, goqite.Message{Body: []byte(fmt.Sprint(i))})
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		b.Fatal(err)
	}
	return func(claimers, _, n int) {
		each(claimers, n, func(int) {
			m, err := q.Receive(ctx)
			if err == nil && m == nil {
				err = fmt.Errorf("nothing there")
			}
			if err == nil {
				err = q.Delete(ctx, m.ID)
			}
			if err != nil {
				b.Error(err)
			}
		})
	}
}

// postgresPool is a private server with the least table of tickets.
func postgresPool(b *testing.B, rows int) *pgxpool.Pool {
	b.Helper()
	config, err := pgxpool.ParseConfig(private.StartPostgreSQL(b).URL())
	if err != nil {
		b.Fatal(err)
	}
	config.MaxConns = 64
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	for _, s := range []string{
		"CREATE TABLE ticket (id BIGINT PRIMARY KEY, state TEXT NOT NULL, holder TEXT NOT NULL DEFAULT '', claims INT NOT NULL DEFAULT 0, expires_at BIGINT NOT NULL)",
		fmt.Sprintf("INSERT INTO ticket SELECT n, 'waiting', '', 0, 9000000000000000 FROM generate_series(1, %d) AS n", rows),
		"ANALYZE ticket",
	} {
		if _, err := pool.Exec(context.Background(), s); err != nil {
			b.Fatal(err)
		}
	}
	return pool
}

// compareAndSet is the claim as one statement: how many rows it changed.
func compareAndSet(b *testing.B, pool *pgxpool.Pool, id int) int64 {
	var n int
	err := pool.QueryRow(context.Background(), `WITH won AS (UPDATE ticket SET state = 'claimed', holder = 'ada', claims = claims + 1
		WHERE id = $1 AND state = 'waiting' AND expires_at > $2 RETURNING claims) SELECT count(*) FROM won`, id, time.Now().UnixMilli()).Scan(&n)
	if err != nil {
		b.Error(err)
	}
	return int64(n)
}

func postgresClaims(b *testing.B) func(claimers, from, n int) {
	pool := postgresPool(b, tickets)
	return func(claimers, from, n int) {
		each(claimers, n, func(i int) {
			if compareAndSet(b, pool, from+i+1) != 1 {
				b.Error("not won")
			}
		})
	}
}

func fsyncs(b *testing.B) func(claimers, from, n int) {
	f, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	page := make([]byte, 4096)
	return func(_, _, n int) {
		for range n {
			if _, err := f.Write(page); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkOneTicket lets many technicians at one ticket at once: one wins, and
// the time is that of the last answer.
func BenchmarkOneTicket(b *testing.B) {
	d, has := newDesk(b), private.HasPostgreSQL()
	var there *desk
	var pool *pgxpool.Pool
	if has {
		there, pool = newDeskAt(b, private.StartPostgreSQL(b).URL()), postgresPool(b, 100)
	}
	rows := [][]string{{"at the same time", "inviter", "inviter on PostgreSQL", "bare PostgreSQL", "ratio", "ratio on it"}}
	next := 0
	for _, n := range []int{64, 500, 2000} {
		var mine, away, theirs []time.Duration
		for range rounds {
			next++
			mine = append(mine, d.rush(n))
			if !has {
				continue
			}
			away = append(away, there.rush(n))
			theirs = append(theirs, rush(b, n, func(int) bool { return compareAndSet(b, pool, next) == 1 }))
		}
		rows = append(rows, []string{fmt.Sprint(n), ms(least(mine)), ms(least(away)), ms(least(theirs)),
			of(float64(least(mine)), float64(least(theirs))), of(float64(least(away)), float64(least(theirs)))})
	}
	table(b, fmt.Sprintf("Row 7, the queue without HTTP: all at one ticket, until the last is answered (best of %d in turn%s)", rounds, without()), rows)
}

// rush has n technicians claim one new ticket at once.
func (d *desk) rush(n int) time.Duration {
	id := d.fill(1)
	return rush(d.b, n, func(i int) bool {
		_, err := d.Claim(context.Background(), id, ticket.Technician{Name: fmt.Sprint(i), Role: ticket.RoleTechnician})
		return err == nil
	})
}

// rush has n claim at once; exactly one must win.
func rush(b *testing.B, n int, claim func(i int) bool) time.Duration {
	b.Helper()
	var won atomic.Int64
	start := time.Now()
	each(n, n, func(i int) {
		if claim(i) {
			won.Add(1)
		}
	})
	took := time.Since(start)
	if won.Load() != 1 {
		b.Errorf("%d won", won.Load())
	}
	return took
}
