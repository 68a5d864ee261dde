package bench_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"inviter/account"
	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
	"inviter/queue"
	"inviter/ticket"
)

// bury puts ended tickets with a claim and three events each under the desk,
// straight into the tables: as many submits would take an hour.
func (d *desk) bury(n int) {
	d.b.Helper()
	if err := d.db.Close(); err != nil {
		d.b.Fatal(err)
	}
	db := d.bare("_synchronous=OFF&_pragma=cache_size(-200000)")
	defer db.Close()
	hash := "zeroblob(32)"
	if d.url != "" {
		hash = "decode(repeat('00', 32), 'hex')"
	}
	numbers, long := numbered(0, n), time.Now().Add(-30*24*time.Hour)
	for _, s := range []string{
		d.rows(numbers, "closed", long, "'solved', 'done', %[1]d + n + 60000, NULL"),
		"INSERT INTO claim (ticket, number, holder, since, lease_until, ended_at) " + numbers + "SELECT n, 1, 'ada', n, n, n FROM c",
		"INSERT INTO arrival (ticket, number, source, at, sender) " + numbers + "SELECT n, 1, 'mailbox:helpdesk', n, 'user' || n || '@example.org' FROM c",
		"INSERT INTO ledger (source, item, outcome, refusal, at, tickets, let_go) " + numbers + "SELECT 'mailbox:helpdesk', 'old/' || n, 'queued', '', n, n, 1 FROM c",
		"INSERT INTO event (seq, ticket, at, kind, person, claim, other, note, before) " + numbers +
			fmt.Sprintf("SELECT n * 3 + k - 2, n, %d + n, 'claimed', 'ada', 1, '', '', %s FROM c, (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2) AS three", long.UnixMilli(), hash),
		fmt.Sprintf("UPDATE meta SET revision = %[1]d, tickets = %[1]d, events = 3 * %[1]d, closed = %[1]d", n),
		d.settled(),
	} {
		if _, err := db.Exec(s); err != nil {
			d.b.Fatalf("%.80s: %v", s, err)
		}
	}
	d.open()
}

// settled is the statement that brings a database to where it comes by itself
// within minutes: the journal is empty, or PostgreSQL's planner knows the tables.
func (d *desk) settled() string {
	if d.url != "" {
		return "VACUUM ANALYZE"
	}
	return "PRAGMA wal_checkpoint(TRUNCATE)"
}

// settle is for PostgreSQL that has been given many tickets at once. As long as
// its planner takes the line for empty, it goes through all that is open for
// each ticket that it looks at.
func (d *desk) settle() {
	d.b.Helper()
	if d.url == "" {
		return
	}
	db := d.bare("")
	defer db.Close()
	if _, err := db.Exec(d.settled()); err != nil {
		d.b.Fatal(err)
	}
}

// numbered is a table c of the n numbers after first, for the statement behind it.
func numbered(first, n int) string {
	return fmt.Sprintf("WITH RECURSIVE c(n) AS (SELECT %d UNION ALL SELECT n + 1 FROM c WHERE n < %d) ", first+1, first+n)
}

// rows is the statement that puts tickets with these numbers into the table. The
// end is what stands in the columns outcome, end_note, ended_at and due_at, with
// %[1]d for the time.
func (d *desk) rows(numbers, state string, at time.Time, end string) string {
	key := "CAST(printf('%%032d', n) AS BLOB)"
	if d.url != "" {
		key = "CAST(lpad(CAST(n AS TEXT), 32, '0') AS BYTEA)"
	}
	return "INSERT INTO ticket (id, state, kind, format, inv_key, user_key, user_name, user_address, user_phone, claimed_name, note, flags, " +
		"password_required, endpoints, size, start_at, waiting_since, queued_at, expires_at, claims, reserved_for, outcome, end_note, ended_at, due_at, revision) " +
		numbers + fmt.Sprintf("SELECT n, '%[2]s', 'file', 'ra2', "+key+", 'mail:user' || n || '@example.org proven', 'User ' || n, "+
		"'user' || n || '@example.org', '', '', 'my printer does not print', '', 1, '[]', 0, %[1]d + n, %[1]d + n, %[1]d + n, %[1]d + n + 3600000, 1, '', "+
		end+", n FROM c", at.UnixMilli(), state)
}

// BenchmarkArchive compares the work of every day beside many ended tickets with
// the same beside none, with 10,000 waiting in both; and the server's start.
func BenchmarkArchive(b *testing.B) {
	for i, g := range grounds(b) {
		none, full := g.desk(b), g.desk(b)
		full.bury(g.history)
		none.fill(tickets)
		full.fill(tickets)
		none.settle()
		full.settle()
		many, few := fmt.Sprint(g.history, " ended"), "none ended"
		keep(b, ratio.Compare("Row 13: beside a large archive, 10,000 waiting"+g.name, rounds,
			ratio.Contender{Name: many, Run: full.everyDay}, ratio.Contender{Name: few, Run: none.everyDay}))
		if i > 0 {
			continue
		}
		program := built(b)
		keep(b, ratio.Compare("Row 14: the server's start with 10,000 waiting", rounds,
			ratio.Contender{Name: many, Run: full.starts(program)}, ratio.Contender{Name: few, Run: none.starts(program)}))
	}
}

// built is the server as a program.
func built(b *testing.B) string {
	b.Helper()
	program := filepath.Join(b.TempDir(), "inviter")
	build := exec.Command("go", "build", "-o", program, "inviter/cmd/inviter")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return program
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

// starts times the server from its start to the first page that is answered, and
// to the first page of the queue for somebody who is known.
func (d *desk) starts(program string) func(int, func(ratio.Quantity, float64)) {
	d.b.Helper()
	accounts := account.New(d.db, time.Now)
	err := accounts.Add(d.b.Context(), "grace", ticket.RoleTechnician, "")
	var token string
	if err == nil {
		token, err = accounts.Token(d.b.Context(), "grace")
	}
	if err != nil {
		d.b.Fatal(err)
	}
	return func(_ int, put func(ratio.Quantity, float64)) {
		if err := d.db.Close(); err != nil {
			d.b.Fatal(err)
		}
		defer d.open()
		d.start(program, token, put)
	}
}

func (d *desk) start(program, token string, put func(ratio.Quantity, float64)) {
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
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	for status := 0; status != http.StatusOK; {
		time.Sleep(time.Millisecond)
		status, _ = get("http://"+listen+"/login", "")
	}
	put(ratio.Quantity{Name: "to the first page, that of the log-in", Aim: "≤ 300ms"}, float64(time.Since(start)))
	memory := func(when string) {
		put(ratio.Quantity{Name: "resident memory " + when, Unit: ratio.Bytes, Aim: "≤ 40 MB"}, float64(resident(cmd.Process.Pid)))
	}
	memory("then")
	status, page := get("http://"+listen+"/", token)
	put(ratio.Quantity{Name: "to the queue's first page, 200 rows", Aim: "≤ 300ms"}, float64(time.Since(start)))
	if rows := strings.Count(page, `<li class="row`); status != http.StatusOK || rows != 200 {
		d.b.Fatalf("status %d, %d rows", status, rows)
	}
	memory("after that")
}

// get asks as a browser does, or with a token; status 0 is no answer.
func get(url, token string) (status int, page string) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return 0, ""
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(body)
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
