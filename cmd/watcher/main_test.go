package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/cmd/internal/program/programtest"
	"inviter/config"
	"inviter/database"
	"inviter/invitation/sample"
	"inviter/queue"
	"inviter/ticket"
)

var watcher = programtest.Program(run)

// office is a configuration with a share, in a folder of its own.
type office struct {
	dir, config, share string
	start              time.Time
}

func newOffice(t *testing.T, more string) office {
	t.Helper()
	dir := t.TempDir()
	o := office{dir, filepath.Join(dir, "inviter.toml"), filepath.Join(dir, "drop"), time.Now()}
	text := "data = '" + filepath.Join(dir, "data") + "'\n[[share]]\nname = 'drop'\npath = '" + o.share + "'\npoll = '@every 1s'\nsettle = '0s'\n" + more
	write(t, o.config, []byte(text))
	if err := os.Mkdir(o.share, 0o700); err != nil {
		t.Fatal(err)
	}
	return o
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// drop puts files into the share: invitations of these seeds.
func (o office) drop(t *testing.T, seeds ...int64) {
	t.Helper()
	for _, seed := range seeds {
		name := string(rune('a'+seed)) + ".msrcIncident"
		file := sample.Invitation{User: "jane", Password: "secret", Start: o.start, Minutes: 60, Seed: seed}.RA2()
		write(t, filepath.Join(o.dir, name), file)
		if err := os.Rename(filepath.Join(o.dir, name), filepath.Join(o.share, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// tickets counts the tickets, as a server beside the watcher sees them.
func (o office) tickets(t *testing.T) int {
	t.Helper()
	c, err := config.Load(o.config)
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), database.Options{Dir: c.Data})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	q, err := queue.Open(t.Context(), queue.Options{DB: db, KeyFile: c.KeyFile, Rules: ticket.DefaultRules()})
	if err != nil {
		t.Fatal(err)
	}
	page, err := q.List(t.Context(), queue.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Tickets)
}

func TestOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.drop(t, 1, 2)
	write(t, filepath.Join(o.share, "notes.txt"), []byte("buy milk"))
	var got map[string]any
	out := watcher.Must(t, "once", "--json", "--config", o.config)
	if err := json.Unmarshal([]byte(out), &got); err != nil || strings.Count(out, "\n") != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	for key, want := range map[string]any{"source": "share:drop", "queued": 2.0, "repeated": 0.0, "refused": 0.0, "pending": 0.0, "error": nil} {
		if v, there := got[key]; !there || v != want {
			t.Errorf("%s is %v, want %v", key, v, want)
		}
	}
	for _, key := range []string{"seen", "ignored"} {
		if _, there := got[key]; !there {
			t.Errorf("no %s in %s", key, out)
		}
	}
	o.drop(t, 2)
	if out := watcher.Must(t, "--config="+o.config, "once"); !strings.Contains(out, "SOURCE") || !strings.Contains(out, "share:drop") {
		t.Errorf("for people:\n%s", out)
	}
	if n := o.tickets(t); n != 2 {
		t.Errorf("%d tickets", n)
	}
}

// One source that fails makes the exit status 1, and keeps no other from its pass.
func TestOnceWithAFailure(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "[[share]]\nname = 'away'\npath = '/nowhere/at/all'\n")
	o.drop(t, 1)
	r := watcher.Do(t, "once", "--json", "--config", o.config)
	if r.Code != 1 || strings.Count(r.Out, "\n") != 2 || !strings.Contains(r.Out, `"queued":1`) || !strings.Contains(r.Out, `"error":"/nowhere/at/all: the place is gone`) {
		t.Errorf("exit %d\n%s%s", r.Code, r.Out, r.Err)
	}
	if !strings.HasPrefix(r.Err, "watcher: share:away: /nowhere/at/all: ") || strings.Count(r.Err, "\n") != 1 {
		t.Errorf("says %q", r.Err)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	first := watcher.Start(t, "run", "--config", o.config)
	first.Err.Await(t, "msg=watching ")
	second := watcher.Start(t, "run", "--config", o.config)
	second.Err.Await(t, "source waits for another watcher")
	o.drop(t, 1)
	first.Err.Await(t, "msg=scanned ")
	if r := first.Stop(t); r.Code != 0 || !strings.Contains(r.Err, "msg=ended") {
		t.Errorf("exit %d\n%s", r.Code, r.Err)
	}
	o.drop(t, 2)
	second.Err.Await(t, "msg=scanned ")
	if r := second.Stop(t); r.Code != 0 || strings.Contains(r.Err, "level=ERROR") {
		t.Errorf("exit %d\n%s", r.Code, r.Err)
	}
	if n := o.tickets(t); n != 2 {
		t.Errorf("%d tickets", n)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	empty := filepath.Join(o.dir, "empty.toml")
	write(t, empty, []byte("data = '"+o.dir+"'"))
	bad := filepath.Join(o.dir, "bad.toml")
	write(t, bad, []byte("[[share]]\nname = 'x'\npath = '/x'\npoll = 'TZ=UTC'\n"))
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", 2, `watcher: expected one of "run", "once", "version"`},
		{"run --config " + empty, 2, "watcher: nothing to watch: write a [[mailbox]] or a [[share]] into " + empty},
		{"once --config " + empty, 2, "watcher: nothing to watch"},
		{"once --config /nowhere.toml", 2, "/nowhere.toml: is not there"},
		{"once --config " + bad, 2, bad + `:4: share.poll: "TZ=UTC" names a time zone`},
		{"version", 0, "watcher 0."},
		{"--help", 0, "Usage: watcher <command>"},
	} {
		r := watcher.Do(t, strings.Fields(c.args)...)
		if r.Code != c.code || !strings.Contains(r.Out+r.Err, c.want) {
			t.Errorf("watcher %s: exit %d, want %d\n%s%s", c.args, r.Code, c.code, r.Out, r.Err)
		}
	}
}

func TestOnceInterrupted(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, err strings.Builder
	if code := run(ctx, []string{"once", "--config", o.config}, strings.NewReader(""), &out, &err); code != 1 {
		t.Errorf("exit %d\n%s%s", code, out.String(), err.String())
	}
}

// Ended while it is still starting, it ends well: systemd must not call that a failure.
func TestEndedWhileStarting(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var said strings.Builder
	if code := run(ctx, []string{"run", "--config", o.config}, strings.NewReader(""), &said, &said); code != 0 {
		t.Errorf("exit %d\n%s", code, said.String())
	}
}
