package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// fated is a helpdesk whose watcher is killed while files are dropped.
type fated struct {
	condemned
	drop    string
	whole   int // invitations dropped
	damaged int // broken ones
}

// send drops what one round gets: whole invitations, under their names at once
// and not, and now and then a damaged one.
func (d *fated) send(round int) {
	d.t.Helper()
	for i := range 2 {
		d.whole++
		name := fmt.Sprintf("desk%d/user%d.msrcIncident", d.whole, d.whole) // the folder tells who it is
		d.put(name, invite(int64(d.whole), fmt.Sprint("user", d.whole)).RA2(), i == 0)
	}
	if round%3 == 0 {
		d.damaged++
		file := invite(int64(10_000+d.damaged), "").RA2()
		d.put(fmt.Sprintf("broken%d.msrcIncident", d.damaged), file[:len(file)/2], false)
	}
}

func (d *fated) put(name string, content []byte, atOnce bool) {
	d.t.Helper()
	name = filepath.Join(d.drop, name)
	first := name
	if atOnce {
		first += ".tmp"
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(first, content, 0o644); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Rename(first, name); err != nil {
		d.t.Fatal(err)
	}
}

// ticketOf is the number that a receipt begins with.
var ticketOf = regexp.MustCompile(`^Ticket (\d+): `)

// settled checks, after a pass that nobody disturbed, that each file is one
// ticket with one receipt, or one refusal, and that nothing else lies there.
func (d *fated) settled(at string) {
	d.t.Helper()
	for range 2 { // what was put aside is given back by one, and taken by the next
		d.desk.must("watcher", "once")
	}
	told, refused := map[string]string{}, 0
	err := filepath.WalkDir(d.drop, func(path string, e os.DirEntry, err error) error {
		name := filepath.Base(path)
		switch {
		case err != nil || e.IsDir():
			return err
		case strings.HasPrefix(path, filepath.Join(d.drop, "refused")):
			if !strings.HasSuffix(name, ".reason.txt") {
				refused++
			}
			return nil
		}
		text, err := os.ReadFile(path)
		number := ticketOf.FindSubmatch(text)
		if !strings.HasSuffix(name, ".received.txt") || number == nil {
			d.t.Errorf("killed at %s: %s lies in the share: %.80q, %v", at, path, text, err)
			return nil
		}
		if other, twice := told[string(number[1])]; twice {
			d.t.Errorf("killed at %s: %s and %s are of one ticket", at, other, path)
		}
		told[string(number[1])] = path
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	tickets := d.ada.tickets(everyState)
	for _, v := range tickets {
		if told[fmt.Sprint(v.ID)] == "" || len(v.Deliveries) != 1 || v.State != "waiting" {
			d.t.Errorf("killed at %s: ticket %d is %s, with %d deliveries, receipt %q", at, v.ID, v.State, len(v.Deliveries), told[fmt.Sprint(v.ID)])
		}
	}
	if len(tickets) != d.whole || len(told) != d.whole || d.refusals() != d.damaged || refused != d.damaged {
		d.t.Errorf("killed at %s: %d tickets and %d receipts of %d, %d refusals and %d refused files of %d",
			at, len(tickets), len(told), d.whole, d.refusals(), refused, d.damaged)
	}
}

// The watcher of a share dies at any system call of any kind: every file is one
// ticket with one receipt, and every receipt is still known for one, so that
// its removal withdraws. With INVITER_TEST_NIGHTLY it dies several hundred times.
func TestShareKilledAtRandomSystemCalls(t *testing.T) {
	t.Parallel()
	deaths := 10
	if os.Getenv(nightly) != "" {
		deaths = 300
	}
	seed := uint64(time.Now().UnixNano())
	drop := t.TempDir()
	d := &fated{condemned: condemn(t, seed, shareAt(drop, `give_up = "0s"`)), drop: drop}
	d.send(1)
	d.count()
	d.settled("no point")
	var at []string
	for round := 2; len(at) < deaths && !t.Failed(); round++ {
		if d.whole < 900 {
			d.send(round)
		}
		where := d.kill()
		if where == "" {
			continue
		}
		at = append(at, where)
		if d.random.IntN(3) > 0 { // else the next one dies over the same files too
			d.settled(where)
		}
	}
	d.settled("the end")
	d.withdrawn()
	t.Logf("seed %d: killed %d times, at %s", seed, len(at), strings.Join(at, "; "))
}

// withdrawn removes all receipts, a few at a time, and wants their tickets ended.
func (d *fated) withdrawn() {
	d.t.Helper()
	receipts, err := filepath.Glob(filepath.Join(d.drop, "desk*", "*.received.txt"))
	if err != nil || len(receipts) != d.whole {
		d.t.Fatalf("%d receipts, %v", len(receipts), err)
	}
	few := receipts[:min(len(receipts), 15)]
	for _, r := range few {
		if err := os.Remove(r); err != nil {
			d.t.Fatal(err)
		}
	}
	d.desk.start("watcher", nil, "run")
	d.ada.appear(len(few), "withdrawn")
}
