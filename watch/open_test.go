package watch_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"inviter/config"
	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
	"inviter/watch"
)

// A configured share is watched for real: a file dropped there is submitted.
func TestOpenAndRun(t *testing.T) {
	t.Parallel()
	dir, arrived := t.TempDir(), make(chan ticket.SourceState, 100)
	c, err := config.Parse("x", `
[[mailbox]]
name = "desk"
url = "imap://help@127.0.0.1:1/INBOX"
password_env = "P"
poll = "@every 1h"
[[share]]
name = "drop"
path = '`+dir+`'
poll = "@every 1s"
settle = "0s"
`, func(string) (string, bool) { return "x", true })
	if err != nil {
		t.Fatal(err)
	}
	recorder := sourcetest.NewRecorder(time.Now)
	sources := watch.Open(c, watch.Means{Ledger: recorder})
	if names := watch.Names(sources); !slices.Equal(names, []string{"mailbox:desk", "share:drop"}) {
		t.Fatalf("opened %v", names)
	}
	b := newBook()
	b.told = func(s ticket.SourceState) { arrived <- s }
	w, err := watch.New(watch.Options{Sources: sources, Submit: recorder.Submit, States: b, Hold: b.hold})
	if err != nil {
		t.Fatal(err)
	}
	defer running(t, w)()
	now := time.Now()
	file := sample.Invitation{User: "jane", Start: now, Minutes: 60, Seed: 1}.RA2()
	if err := os.WriteFile(filepath.Join(dir, "a.msrcIncident"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	failed, queued := false, false
	for deadline := time.After(20 * time.Second); !failed || !queued; {
		select {
		case s := <-arrived:
			failed = failed || s.Name == "mailbox:desk" && s.State == ticket.SourceFailing && s.LastError != ""
			queued = queued || s.Name == "share:drop" && s.State == ticket.SourceOK && s.Total.Queued == 1
		case <-deadline:
			t.Fatalf("mailbox failed %v, share queued %v: %+v", failed, queued, b.states)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("x", "[[share]]\nname='a'\npath='"+t.TempDir()+"'\n[[share]]\nname='b'\npath='/nowhere/at/all'\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	sources := watch.Open(c, watch.Means{Ledger: sourcetest.NewRecorder(time.Now)})
	for _, f := range sources[0].Check(t.Context()) {
		if f.Err != nil {
			t.Errorf("%s: %v", f.What, f.Err)
		}
	}
	if found := sources[1].Check(t.Context()); len(found) != 1 || found[0].Err == nil {
		t.Errorf("a share that is not there: %+v", found)
	}
	if found := (watch.Source{}).Check(t.Context()); found != nil {
		t.Errorf("found %+v", found)
	}
}
