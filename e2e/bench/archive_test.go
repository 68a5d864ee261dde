package bench_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"inviter/database"
	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
	"inviter/queue"
	"inviter/ticket"
)

// history is how many tickets have ended, in the benchmarks of a large archive.
const history = 1_000_000

// bury puts ended tickets with a claim and three events each under the desk,
// straight into the tables: as many submits would take an hour.
func (d *desk) bury(n int) {
	d.b.Helper()
	if err := d.db.Close(); err != nil {
		d.b.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(d.dir, database.FileName)+"?_journal_mode=WAL&_synchronous=OFF&_pragma=cache_size(-200000)")
	if err != nil {
		d.b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	numbers := fmt.Sprintf("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < %d) ", n)
	long := time.Now().Add(-30 * 24 * time.Hour).UnixMilli()
	for _, s := range []string{
		"INSERT INTO ticket (id, state, kind, format, inv_key, user_key, user_name, user_address, user_phone, claimed_name, note, flags, " +
			"password_required, endpoints, size, start_at, waiting_since, queued_at, expires_at, claims, reserved_for, outcome, end_note, ended_at, revision) " +
			numbers + fmt.Sprintf("SELECT n, 'closed', 'file', 'ra2', CAST(printf('%%032d', n) AS BLOB), 'mail:user' || n || '@example.org proven', 'User ' || n, "+
			"'user' || n || '@example.org', '', '', 'my printer does not print', '', 1, '[]', 0, %[1]d + n, %[1]d + n, %[1]d + n, %[1]d + n + 3600000, 1, '', 'solved', 'done', %[1]d + n + 60000, n FROM c", long),
		"INSERT INTO claim (ticket, number, holder, since, lease_until, ended_at) " + numbers + "SELECT n, 1, 'ada', n, n, n FROM c",
		"INSERT INTO arrival (ticket, number, source, at, sender) " + numbers + "SELECT n, 1, 'mailbox:helpdesk', n, 'user' || n || '@example.org' FROM c",
		"INSERT INTO ledger (source, item, outcome, refusal, at, tickets, let_go) " + numbers + "SELECT 'mailbox:helpdesk', 'old/' || n, 'queued', '', n, n, 1 FROM c",
		"INSERT INTO event (seq, ticket, at, kind, person, claim, other, note, before) " + numbers +
			fmt.Sprintf("SELECT n * 3 + k - 2, n, %d + n, 'claimed', 'ada', 1, '', '', zeroblob(32) FROM c, (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2)", long),
		fmt.Sprintf("UPDATE meta SET revision = %[1]d, tickets = %[1]d, events = 3 * %[1]d, closed = %[1]d", n),
		"PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		if _, err := db.Exec(s); err != nil {
			d.b.Fatalf("%.80s: %v", s, err)
		}
	}
	d.open()
}

// BenchmarkExpiry lets 10,000 of 1,000,000 tickets be due at once, and claims
// others meanwhile; beside it one bare transaction that only marks as many, and
// claims with nothing else going on.
func BenchmarkExpiry(b *testing.B) {
	const due, others = 10_000, 3_000
	d := newDesk(b)
	d.bury(history)
	gone := ratio.Quantity{Name: "all gone", Aim: "≤ 2 ×"}
	claimed := func(all []time.Duration, put func(ratio.Quantity, float64)) {
		put(ratio.Quantity{Name: "a claim, p50"}, float64(at(all, 50)))
		put(ratio.Quantity{Name: "a claim, p99"}, float64(at(all, 99)))
		put(ratio.Quantity{Name: "a claim, the longest of all runs", Aim: "≤ 50ms", Worst: true}, float64(at(all, 100)))
	}
	var quiet []time.Duration
	keep(b, ratio.Compare(fmt.Sprintf("Row 13: %d of %d tickets are due at once, and claims come one after another", due, history), rounds,
		ratio.Contender{Name: "inviter", Run: func(run int, put func(ratio.Quantity, float64)) {
			first := d.fill(others) - others + 1
			quiet = d.claims(first, others/2)
			d.fillFor(due, time.Now().Add(-time.Hour-40*time.Second), time.Hour+time.Minute) // due within 20 seconds
			took, busy := d.expireBeside(run*due, due, first+others/2, others/2)
			put(gone, float64(took))
			claimed(busy, put)
		}},
		ratio.Contender{Name: "claims with nothing due", Run: func(_ int, put func(ratio.Quantity, float64)) {
			if quiet == nil {
				quiet = d.claims(d.fill(others/2)-others/2+1, others/2)
			}
			claimed(quiet, put)
		}},
		ratio.Contender{Name: "one bare transaction", Run: func(_ int, put func(ratio.Quantity, float64)) {
			put(gone, float64(bareExpiry(b, due)))
		}}))
}

// expireBeside has n tickets expire after those that already have, and claims
// others without rest meanwhile.
func (d *desk) expireBeside(already, n int, first ticket.ID, most int) (took time.Duration, busy []time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	begun, done := make(chan struct{}), make(chan time.Duration)
	go func() { done <- d.expire(ctx, already, already+n, begun) }()
	<-begun
	for i := range most {
		select {
		case took = <-done:
			return took, busy
		default:
			busy = append(busy, d.claims(first+ticket.ID(i), 1)...)
		}
	}
	return <-done, busy
}

// claims times n claims, one after another.
func (d *desk) claims(from ticket.ID, n int) (took []time.Duration) {
	for i := range n {
		start := time.Now()
		if _, err := d.Claim(context.Background(), from+ticket.ID(i), ada); err != nil {
			d.b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	return took
}

// expire runs the queue's clock until n have expired in all, and tells how long
// it took since the first one after those that already had.
func (d *desk) expire(ctx context.Context, already, n int, started chan<- struct{}) time.Duration {
	run, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); d.Run(run) }()
	var begun time.Time
	for hints := d.Notify(ctx); ; <-hints {
		gone := 0
		if err := d.db.Read(ctx, func(tx *database.Tx) error { return tx.Row("SELECT expired FROM meta").Scan(&gone) }); err != nil {
			d.b.Error(err)
			gone = n
		}
		if gone > already && begun.IsZero() {
			begun = time.Now()
			close(started)
		}
		if gone >= n {
			took := time.Since(begun)
			stop()
			<-ended
			return took
		}
	}
}

// bareExpiry marks n rows of a table in one transaction: no log, no files wiped.
func bareExpiry(b *testing.B, n int) time.Duration {
	b.Helper()
	d := newDesk(b)
	d.fill(n)
	if err := d.db.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(d.dir, database.FileName)+"?_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	start := time.Now()
	if _, err := db.Exec("UPDATE ticket SET state = 'expired', ended_at = 1, due_at = NULL, size = 0"); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	d.open()
	return took
}

// BenchmarkArchive compares the work of every day on 1,000,000 ended tickets
// with the same on none, with 10,000 waiting in both; and the server's start.
func BenchmarkArchive(b *testing.B) {
	none, full := newDesk(b), newDesk(b)
	full.bury(history)
	none.fill(tickets)
	full.fill(tickets)
	many, few := fmt.Sprint(history, " ended"), "none ended"
	keep(b, ratio.Compare("Row 13: beside a large archive, 10,000 waiting", rounds,
		ratio.Contender{Name: many, Run: full.everyDay}, ratio.Contender{Name: few, Run: none.everyDay}))
	program := filepath.Join(b.TempDir(), "inviter")
	build := exec.Command("go", "build", "-o", program, "inviter/cmd/inviter")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	starts := func(d *desk) func(int, func(ratio.Quantity, float64)) {
		return func(_ int, put func(ratio.Quantity, float64)) { d.starts(program, put) }
	}
	keep(b, ratio.Compare("Row 14: the server's start with 10,000 waiting", rounds,
		ratio.Contender{Name: many, Run: starts(full)}, ratio.Contender{Name: few, Run: starts(none)}))
}

// everyDay is what a helpdesk does all day.
func (d *desk) everyDay(_ int, put func(ratio.Quantity, float64)) {
	lasts := func(name string, took time.Duration) {
		put(ratio.Quantity{Name: name, Aim: "≤ 1.2 ×"}, float64(took))
	}
	lasts("first page of 200", d.lists(20, 200))
	lasts("page of 1,000", d.lists(5, 1000))
	start := time.Now()
	for range 200 {
		if _, ok, err := d.ClaimNext(context.Background(), ada); err != nil || !ok {
			d.b.Fatal(ok, err)
		}
	}
	lasts("claim of the next one", time.Since(start)/200)
	start = time.Now()
	d.fill(500)
	lasts("batch of 100 handed in", time.Since(start)/5)
}

func (d *desk) lists(n, limit int) time.Duration {
	start := time.Now()
	for range n {
		if p, err := d.List(context.Background(), queue.Filter{Limit: limit}); err != nil || len(p.Tickets) != limit {
			d.b.Fatal(len(p.Tickets), err)
		}
	}
	return time.Since(start) / time.Duration(n)
}

// starts times the server from its start to the first answered page.
func (d *desk) starts(program string, put func(ratio.Quantity, float64)) {
	d.b.Helper()
	if err := d.db.Close(); err != nil {
		d.b.Fatal(err)
	}
	defer d.open()
	listen := fmt.Sprintf("127.0.0.1:%d", private.Port(d.b))
	config := filepath.Join(d.b.TempDir(), "inviter.toml")
	text := fmt.Sprintf("data = %q\n[web]\nlisten = %q\npublic_url = \"http://%s\"\n", d.dir, listen, listen)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		d.b.Fatal(err)
	}
	start := time.Now()
	cmd := exec.Command(program, "serve", "--config", config)
	if err := cmd.Start(); err != nil {
		d.b.Fatal(err)
	}
	for !answers("http://" + listen + "/login") {
		time.Sleep(time.Millisecond)
	}
	put(ratio.Quantity{Name: "to the first page", Aim: "≤ 300ms"}, float64(time.Since(start)))
	put(ratio.Quantity{Name: "resident memory then", Unit: ratio.Bytes, Aim: "≤ 40 MB"}, float64(resident(cmd.Process.Pid)))
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
}

func answers(url string) bool {
	resp, err := http.Get(url)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusOK
}

// resident is a process's memory in bytes: proc(5), statm.
func resident(pid int) int64 {
	var size, pages int64
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err == nil {
		_, err = fmt.Sscan(string(b), &size, &pages)
	}
	if err != nil {
		return -1
	}
	return pages * int64(os.Getpagesize())
}

// BenchmarkSubmit hands in batches, as a source does with a backlog.
func BenchmarkSubmit(b *testing.B) {
	rows := [][]string{{"in a batch", "tickets a second", "fsyncs a second", "ratio"}}
	for _, n := range []int{1, 10, 100, 500} {
		var mine, floor []float64
		for range rounds {
			d := newDesk(b)
			total := max(n, 300)
			start := time.Now()
			for done := 0; done < total; done += n {
				var batch []ticket.Delivery
				for range n {
					batch = append(batch, d.delivery(time.Now(), time.Hour))
				}
				if _, err := d.Submit(context.Background(), batch); err != nil {
					b.Fatal(err)
				}
			}
			mine = append(mine, float64(total)/time.Since(start).Seconds())
			sync := fsyncs(b)
			start = time.Now()
			sync(1, 0, 300)
			floor = append(floor, 300/time.Since(start).Seconds())
		}
		rows = append(rows, []string{fmt.Sprint(n), persec(top(mine)), persec(top(floor)), of(top(mine), top(floor))})
	}
	table(b, fmt.Sprintf("The queue without HTTP: handed in durably, each with its file (best of %d in turn)", rounds), rows)
}
