package database_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
	"inviter/e2e/private"
)

// server is a durable PostgreSQL for one test, and none where the tests are on
// one already.
func server(t *testing.T) *private.PostgreSQL {
	t.Helper()
	t.Parallel()
	if databasetest.OnPostgres() {
		t.Skip("starts a server of its own")
	}
	return private.StartPostgreSQL(t)
}

// over opens the database of a server, reached through a relay.
func over(t *testing.T, p *private.PostgreSQL, addr string) *database.DB {
	t.Helper()
	u, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.Host = addr
	return there(t, u.String())
}

func there(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{URL: url, Patience: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// A commit whose answer is lost is answered by what became of it, for every job
// that shares it; wherever the connection is cut.
func TestCutAtCommitIsFoundOut(t *testing.T) {
	p := server(t)
	relay := private.NewRelay(t, p.Address())
	db := over(t, p, relay.Addr)
	write(t, db, "CREATE TABLE x (n INTEGER PRIMARY KEY)")
	tests := []struct {
		name, word string
		where      private.CutAt
		recorded   bool
	}{
		{"before the commit", "COMMIT\x00", private.BeforeIt, false},
		{"after the commit", "COMMIT\x00", private.AfterIt, true},
		{"half open", "COMMIT\x00", private.HalfOpen, false},
		{"in the middle", "RELEASE SAVEPOINT", private.BeforeIt, false},
		{"in the middle, half open", "RELEASE SAVEPOINT", private.HalfOpen, false},
		{"at the beginning", "LOCK TABLE turn", private.BeforeIt, true}, // begun again
		{"at the beginning, half open", "LOCK TABLE turn", private.HalfOpen, true},
		{"at the beginning, locked", "LOCK TABLE turn", private.AfterIt, true},
	}
	for i, tt := range tests {
		n := 10 * i
		errs := crowd(t, db, func() { relay.CutWhen(tt.word, tt.where) }, insert(n+1), insert(n+2), insert(n+3))
		if relay.Pending() {
			t.Errorf("%s: never cut", tt.name)
		}
		got := numbers(t, db)
		for j, err := range errs {
			is := got[int64(n+1+j)]
			if is != tt.recorded || (err == nil) != is || err != nil && !errors.Is(err, database.ErrUnavailable) || errors.Is(err, database.ErrUnknown) {
				t.Errorf("%s: job %d, recorded %v, answered %v", tt.name, j, is, err)
			}
		}
	}
}

// crowd is together, with something that happens once all jobs wait.
func crowd(t *testing.T, db *database.DB, then func(), jobs ...func(*database.Tx) error) []error {
	t.Helper()
	taken, open := make(chan struct{}), make(chan struct{})
	errs := make([]error, len(jobs))
	var all sync.WaitGroup
	all.Go(func() {
		_ = db.Write(context.Background(), func(*database.Tx) error {
			close(taken)
			<-open
			return nil
		})
	})
	<-taken
	for i, job := range jobs {
		all.Go(func() { errs[i] = db.Write(context.Background(), job) })
	}
	database.Await(db, 1+len(jobs))
	then()
	close(open)
	all.Wait()
	return errs
}

// What a server that vanishes without a word leaves behind is a pause, and then
// an answer: not known, until it is.
func TestVanishedServer(t *testing.T) {
	p := server(t)
	relay := private.NewRelay(t, p.Address())
	u := strings.Replace(p.URL(), p.Address(), relay.Addr, 1)
	db, err := database.Open(t.Context(), database.Options{URL: u + "&connect_timeout=1", Patience: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	write(t, db, "CREATE TABLE x (n INTEGER PRIMARY KEY)")
	err = db.Write(t.Context(), func(tx *database.Tx) error {
		defer relay.Stall(true)
		return insert(1)(tx)
	})
	if !errors.Is(err, database.ErrUnavailable) {
		t.Errorf("vanished: %v", err)
	}
	if err := db.Write(t.Context(), insert(2)); !errors.Is(err, database.ErrUnavailable) {
		t.Errorf("while it is away: %v", err)
	}
	if err := db.Read(t.Context(), func(tx *database.Tx) error { return insert(3)(tx) }); !errors.Is(err, database.ErrUnavailable) {
		t.Errorf("read while it is away: %v", err)
	}
	relay.Stall(false)
	relay.Cut()
	if err := db.Write(t.Context(), insert(4)); err != nil {
		t.Errorf("back again: %v", err)
	}
	if got := numbers(t, db); got[1] || got[2] || !got[4] {
		t.Errorf("stored %v", got)
	}
}

// Whatever a server is doing when it crashes: what was answered is there, and
// what was answered with a fault isn't.
func TestServerCrashesWhileManyWrite(t *testing.T) {
	p := server(t)
	dbs := []*database.DB{there(t, p.URL()), there(t, p.URL())}
	write(t, dbs[0], "CREATE TABLE x (n INTEGER PRIMARY KEY)")
	hints := dbs[1].Changes(t.Context())
	var next atomic.Int64
	var mu sync.Mutex
	answers := map[int64]error{}
	stop := make(chan struct{})
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				n := next.Add(1)
				err := dbs[i%2].Write(context.Background(), insert(int(n)))
				mu.Lock()
				answers[n] = err
				mu.Unlock()
			}
		})
	}
	for range 3 {
		for start := next.Load(); next.Load() < start+60; time.Sleep(time.Millisecond) { // work is under way
		}
		p.Crash()
		p.Start()
	}
	close(stop)
	all.Wait()
	drain(hints)
	write(t, dbs[0], "INSERT INTO x (n) VALUES (0)")
	within(t, hints, 10*time.Second)
	got := numbers(t, dbs[1])
	done, faults := 0, 0
	for n, err := range answers {
		switch {
		case errors.Is(err, database.ErrUnknown):
			t.Logf("%d was never found out: %v", n, err)
		case (err == nil) != got[n]:
			t.Errorf("%d: stored %v, answered %v", n, got[n], err)
		case err == nil:
			done++
		default:
			faults++
			if !errors.Is(err, database.ErrUnavailable) {
				t.Errorf("%d: %v", n, err)
			}
		}
	}
	t.Logf("%d stored, %d not", done, faults)
	if done < 150 {
		t.Errorf("only %d done", done)
	}
}

// A start that was broken off anywhere is finished by the next one.
func TestInterruptedMigrationGoesOn(t *testing.T) {
	p := server(t)
	for i := range 6 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(10+25*i)*time.Millisecond)
		db, err := database.Open(ctx, database.Options{URL: p.URL(), Patience: 5 * time.Second})
		cancel()
		if err == nil {
			db.Close()
			break
		}
		if i%2 == 0 {
			p.Crash()
			p.Start()
		}
	}
	db := there(t, p.URL())
	if found, err := db.Check(t.Context()); err != nil || len(found) > 0 {
		t.Fatal(found, err)
	}
}

// Whoever can't show that he is alive loses what he holds, and knows it before
// another has it.
func TestLostLease(t *testing.T) {
	p := server(t)
	relay := private.NewRelay(t, p.Address())
	cut, other := over(t, p, relay.Addr), there(t, p.URL())
	held, release, err := cut.Hold(t.Context(), "share:a")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, _, err := other.Hold(t.Context(), "share:a"); !errors.Is(err, database.ErrHeld) || !strings.Contains(err.Error(), "process") {
		t.Errorf("held: %v", err)
	}
	knew := make(chan time.Time, 1)
	context.AfterFunc(held, func() { knew <- time.Now() })
	relay.Stall(true)
	start := time.Now()
	for {
		_, free, err := other.Hold(t.Context(), "share:a")
		if err == nil {
			taken := time.Now()
			free()
			select {
			case lost := <-knew:
				if margin := taken.Sub(lost); margin < time.Second {
					t.Errorf("known %v before another had it", margin)
				}
			default:
				t.Error("two have it")
			}
			break
		}
		if time.Since(start) > 40*time.Second {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	relay.Stall(false)
	relay.Cut()
	again, free, err := cut.Hold(t.Context(), "share:a")
	if err != nil || again.Err() != nil {
		t.Fatalf("free again: %v", err)
	}
	free()
}

// What is wrong with a server is said in one line with what to do.
func TestServersThatDontFit(t *testing.T) {
	p := server(t)
	p.SQL("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0",
		"CREATE ROLE guest LOGIN", "REVOKE CREATE ON SCHEMA public FROM public")
	at := func(s string) string { return "postgres://" + s + "?sslmode=disable" }
	for url, want := range map[string]struct {
		is   error
		says string
	}{
		at("inviter@127.0.0.1:1/postgres"):            {database.ErrUnavailable, "can be reached"},
		at("inviter@" + p.Address() + "/nowhere"):     {database.ErrServer, "createdb"},
		at("nobody@" + p.Address() + "/postgres"):     {database.ErrServer, "doesn't let nobody in"},
		at("inviter@" + p.Address() + "/ascii"):       {database.ErrServer, "ENCODING 'UTF8'"},
		at("guest@" + p.Address() + "/postgres"):      {database.ErrServer, "owner of the database"},
		at("inviter:geheim@[half/postgres"):           {database.ErrServer, "can't be read"},
		p.URL() + "&default_transaction_read_only=on": {database.ErrUnavailable, "read only"},
	} {
		db, err := database.Open(t.Context(), database.Options{URL: url, Patience: time.Second})
		if err == nil {
			db.Close()
			t.Errorf("%s: opened", url)
			continue
		}
		if !errors.Is(err, want.is) || !strings.Contains(err.Error(), want.says) || strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
