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
// others meanwhile; beside it one bare transaction that only marks as many.
func BenchmarkExpiry(b *testing.B) {
	const due, others = 10_000, 3_000
	d := newDesk(b)
	d.bury(history)
	first := d.fill(others) - others + 1
	quiet := d.claims(first, others/2)
	d.fillFor(due, time.Now().Add(-time.Hour-30*time.Second), time.Hour+time.Minute) // due within half a minute
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	begun, done := make(chan struct{}), make(chan time.Duration)
	go func() { done <- d.expire(ctx, due, begun) }()
	<-begun
	var busy []time.Duration
	var took time.Duration
	for i := others / 2; took == 0 && i < others; i++ {
		select {
		case took = <-done:
		default:
			busy = append(busy, d.claims(first+ticket.ID(i), 1)...)
		}
	}
	if took == 0 {
		took = <-done
	}
	bare := bareExpiry(b, due)
	table(b, fmt.Sprintf("%d of %d tickets are due at once", due, history), [][]string{
		{"", "inviter", "beside", "ratio"},
		{"all gone, one bare transaction", ms(took), ms(bare), of(float64(took), float64(bare))},
		{"a claim meanwhile, p50, quiet", ms(at(busy, 50)), ms(at(quiet, 50)), of(float64(at(busy, 50)), float64(at(quiet, 50)))},
		{"a claim meanwhile, p99, quiet", ms(at(busy, 99)), ms(at(quiet, 99)), of(float64(at(busy, 99)), float64(at(quiet, 99)))},
		{"a claim meanwhile, longest", ms(at(busy, 100)), "", ""},
	})
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

// expire runs the queue's clock until n have expired, and tells how long it took
// since the first did.
func (d *desk) expire(ctx context.Context, n int, started chan<- struct{}) time.Duration {
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
		if gone > 0 && begun.IsZero() {
			begun = time.Now()
			close(started)
		}
		if gone == n {
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
// with the same on none, with 10,000 waiting in both.
func BenchmarkArchive(b *testing.B) {
	none, full := newDesk(b), newDesk(b)
	full.bury(history)
	none.fill(tickets)
	full.fill(tickets)
	rows := [][]string{{"", fmt.Sprintf("%d ended", history), "none", "ratio"}}
	compare := func(what string, do func(*desk) time.Duration) {
		var a, o []time.Duration
		for range rounds {
			a, o = append(a, do(full)), append(o, do(none))
		}
		rows = append(rows, []string{what, ms(least(a)), ms(least(o)), of(float64(least(a)), float64(least(o)))})
	}
	compare("first page of 200 of 10,000 waiting", func(d *desk) time.Duration { return d.lists(20, 200) })
	compare("page of 1,000", func(d *desk) time.Duration { return d.lists(5, 1000) })
	compare("claim of the next one", func(d *desk) time.Duration {
		start := time.Now()
		for range 200 {
			if _, ok, err := d.ClaimNext(context.Background(), ada); err != nil || !ok {
				b.Fatal(ok, err)
			}
		}
		return time.Since(start) / 200
	})
	compare("batch of 100 handed in", func(d *desk) time.Duration {
		start := time.Now()
		d.fill(500)
		return time.Since(start) / 5
	})
	table(b, "with a large archive (best of 3)", rows)
	starts(b, full)
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
func starts(b *testing.B, d *desk) {
	b.Helper()
	if err := d.db.Close(); err != nil {
		b.Fatal(err)
	}
	program := filepath.Join(b.TempDir(), "inviter")
	build := exec.Command("go", "build", "-o", program, "inviter/cmd/inviter")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	listen := fmt.Sprintf("127.0.0.1:%d", private.Port(b))
	config := filepath.Join(b.TempDir(), "inviter.toml")
	text := fmt.Sprintf("data = %q\n[web]\nlisten = %q\npublic_url = \"http://%s\"\n", d.dir, listen, listen)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	var memory int64
	for range rounds {
		start := time.Now()
		cmd := exec.Command(program, "serve", "--config", config)
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		for !answers("http://" + listen + "/login") {
			time.Sleep(time.Millisecond)
		}
		took = append(took, time.Since(start))
		memory = resident(cmd.Process.Pid)
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
	table(b, fmt.Sprintf("start with %d tickets of history and 10,000 waiting", history), [][]string{
		{"to the first page", ms(least(took))},
		{"memory then", fmt.Sprintf("%d MB", memory>>20)},
	})
	d.open()
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
	table(b, "handed in durably, each with its file", rows)
}
