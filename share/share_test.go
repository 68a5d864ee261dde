package share_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"inviter/invitation"
	"inviter/invitation/sample"
	"inviter/share"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is one share in a folder of its own, with its ledger.
type bench struct {
	*share.Share
	*share.Probe
	dir    string
	clock  *clock
	ledger *sourcetest.Recorder
	open   func() *share.Share
}

func newBench(t *testing.T, change func(*share.Options)) *bench {
	t.Helper()
	b := &bench{Probe: &share.Probe{}, dir: t.TempDir(), clock: newClock()}
	b.ledger = sourcetest.NewRecorder(b.clock.Now)
	o := share.Options{Name: "support", Path: b.dir, Settle: settle, GiveUp: giveUp, Clock: b.clock.Now}
	if change != nil {
		change(&o)
	}
	o.Answers = answers(b.ledger)
	b.open = func() *share.Share { return share.OpenProbed(o, b.ledger, b.Probe) }
	b.Share = b.open()
	return b
}

// invite is the invitation with this seed, as Windows writes it.
func invite(seed int) []byte {
	return sample.Invitation{User: "Jane Doe", Password: "open sesame", Seed: int64(seed)}.RA2()
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// put writes a file in its place. Its time is ahead of the clock, so that it is
// the looks at it that tell whether it has settled.
func (b *bench) put(t *testing.T, name string, content []byte) {
	t.Helper()
	b.write(t, name, content)
	later := b.clock.Now().Add(time.Hour)
	must(t, os.Chtimes(b.path(name), later, later))
}

// write is put with the time that the system gives.
func (b *bench) write(t *testing.T, name string, content []byte) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(b.path(name)), 0o755))
	must(t, os.WriteFile(b.path(name), content, 0o644))
}

// scan does one pass that must succeed.
func (b *bench) scan(t *testing.T) ticket.Pass {
	t.Helper()
	p, err := b.Scan(t.Context(), b.ledger.Submit)
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	return p
}

// after lets d pass, and scans.
func (b *bench) after(t *testing.T, d time.Duration) ticket.Pass {
	t.Helper()
	b.clock.advance(d)
	return b.scan(t)
}

// wantPass compares the counts that tell what became of things.
func wantPass(t *testing.T, when string, got ticket.Pass, want ticket.Pass) {
	t.Helper()
	got.Seen, want.Seen = 0, 0
	if got != want {
		t.Errorf("%s: counted %+v, want %+v", when, got, want)
	}
}

func (b *bench) wantFiles(t *testing.T, when string, want ...string) {
	t.Helper()
	if got := all(t, b.dir); !slices.Equal(got, want) {
		t.Errorf("%s: the share holds %q, want %q", when, got, want)
	}
}

func (b *bench) wantTickets(t *testing.T, want int) {
	t.Helper()
	if got := b.ledger.Tickets(); got != want {
		t.Errorf("%d tickets, want %d", got, want)
	}
	if held := b.ledger.Open(b.Name()); len(held) > 0 {
		t.Errorf("never let go: %v", held)
	}
}

// all lists every file below dir, in order.
func all(t *testing.T, dir string) []string {
	t.Helper()
	names := []string{}
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	}))
	return names
}

func TestAFileIsReadOnceItHasSettled(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(t, "help.msrcIncident", invite(1))
	wantPass(t, "at first", b.scan(t), ticket.Pass{Pending: 1})
	wantPass(t, "too soon", b.after(t, settle/2), ticket.Pass{Pending: 1})
	if n := b.Calls("read"); n != 0 {
		t.Errorf("read %d times before it settled", n)
	}
	wantPass(t, "settled", b.after(t, settle), ticket.Pass{Queued: 1})
	b.wantFiles(t, "taken")
	b.wantTickets(t, 1)
	d := b.ledger.Deliveries()[0]
	if d.Source != "share:support" || !strings.HasPrefix(d.Item, "help.msrcIncident#") || time.Since(d.Received).Abs() > time.Minute {
		t.Errorf("delivered as %q %q at %v", d.Source, d.Item, d.Received)
	}
	if inv := d.Invitations[0]; inv.Key != parse(t, invite(1)).Key || inv.User != "Jane Doe" {
		t.Errorf("delivered %v of %q", inv.Key, inv.User)
	}
}

func parse(t *testing.T, file []byte) invitation.Invitation {
	t.Helper()
	inv, err := invitation.Parse(file)
	must(t, err)
	return inv
}

func TestAFileThatKeepsGrowingIsNotRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	whole := invite(1)
	for i := range 10 {
		b.put(t, "slow.msrcIncident", whole[:len(whole)*(i+1)/10])
		wantPass(t, "growing", b.after(t, settle*3/4), ticket.Pass{Pending: 1})
	}
	if n := b.Calls("read"); n != 0 {
		t.Errorf("read %d times while it grew", n)
	}
	wantPass(t, "whole", b.after(t, settle), ticket.Pass{Queued: 1})
}

func TestARenamedFileNeedsNoSettling(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.write(t, "half.tmp", invite(1))
	before := time.Now().Add(-time.Second) // not in the tick in which it is renamed
	must(t, os.Chtimes(b.path("half.tmp"), before, before))
	wantPass(t, "as .tmp", b.after(t, time.Hour), ticket.Pass{})
	b.clock.advance(-time.Hour)
	must(t, os.Rename(b.path("half.tmp"), b.path("help.msrcIncident")))
	wantPass(t, "renamed", b.scan(t), ticket.Pass{Queued: 1})
	b.write(t, "half.tmp", invite(2)[:100])
	must(t, os.Rename(b.path("half.tmp"), b.path("help.msrcIncident")))
	wantPass(t, "renamed before it was whole", b.scan(t), ticket.Pass{Pending: 1})
}

func TestADamagedFileIsRetriedAndThenRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(t, "jane/help.msrcIncident", invite(1)[:500])
	b.scan(t)
	wantPass(t, "settled", b.after(t, settle), ticket.Pass{Pending: 1})
	b.put(t, "jane/help.msrcIncident", invite(2)[:600])
	wantPass(t, "changed in time", b.after(t, giveUp-settle), ticket.Pass{Pending: 1})
	wantPass(t, "nearly given up", b.after(t, giveUp-time.Second), ticket.Pass{Pending: 1})
	wantPass(t, "given up", b.after(t, time.Second), ticket.Pass{Refused: 1})
	b.wantFiles(t, "refused", "refused/help.msrcIncident", "refused/help.msrcIncident.reason.txt")
	wantPass(t, "later", b.after(t, time.Hour), ticket.Pass{})
	reason, err := os.ReadFile(b.path("refused/help.msrcIncident.reason.txt"))
	if err != nil || !strings.Contains(string(reason), b.ledger.Deliveries()[0].Refusal.Detail) {
		t.Errorf("reason %q, %v", reason, err)
	}
	moved, err := os.ReadFile(b.path("refused/help.msrcIncident"))
	if err != nil || string(moved) != string(invite(2)[:600]) {
		t.Errorf("what was refused is not what was dropped: %v", err)
	}
	b.wantTickets(t, 0)
}

func TestADamagedFileThatIsCompletedIsTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(t, "help.msrcIncident", make([]byte, len(invite(1)))) // a copy under way, zeroes so far
	b.scan(t)
	wantPass(t, "zeroes", b.after(t, settle), ticket.Pass{Pending: 1})
	b.put(t, "help.msrcIncident", invite(1))
	b.scan(t)
	wantPass(t, "whole", b.after(t, giveUp), ticket.Pass{Queued: 1})
	b.wantFiles(t, "taken")
}

func TestForeignFilesAreReadOnceAndLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(t, "menu.txt", []byte("soup"))
	b.put(t, "deep/er/list.csv", []byte("a;b"))
	b.put(t, "film.mkv", make([]byte, 6<<20))
	b.scan(t)
	wantPass(t, "settled", b.after(t, settle), ticket.Pass{Ignored: 3})
	reads := b.Calls("read")
	if reads != 2 {
		t.Errorf("%d reads, want 2: the film is too large to be read", reads)
	}
	wantPass(t, "again", b.after(t, time.Hour), ticket.Pass{})
	b.Share = b.open()
	wantPass(t, "after a restart", b.after(t, time.Hour), ticket.Pass{Ignored: 1})
	if n := b.Calls("read"); n != reads {
		t.Errorf("%d further reads of unchanged files", n-reads)
	}
	b.put(t, "menu.txt", invite(1))
	b.scan(t)
	wantPass(t, "an invitation now", b.after(t, settle), ticket.Pass{Queued: 1})
	b.wantFiles(t, "in the end", "deep/er/list.csv", "film.mkv")
}

// A log that is written for ever must not fill the ledger.
func TestAForeignFileThatChangesIsRecordedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for i := range 5 {
		b.put(t, "app.log", []byte(strings.Repeat("a line\n", i+1)))
		b.scan(t)
		b.after(t, settle)
	}
	if n := len(b.ledger.Deliveries()); n != 1 {
		t.Errorf("%d deliveries of a log, want 1", n)
	}
}

func TestIgnoredNamesAreNotEvenRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Settle = 0 })
	names := []string{
		".hidden.msrcIncident", "~$help.msrcIncident", "Thumbs.db", "THUMBS.DB", "desktop.ini", "a.tmp", "a.TMP", "a.part",
		"a.msrcIncident.received.txt", ".hidden/a.msrcIncident", "refused/a.msrcIncident", "a.crdownload", "~tmp/a.msrcIncident",
	}
	for i, name := range names {
		b.put(t, name, invite(i))
	}
	wantPass(t, "ignored", b.scan(t), ticket.Pass{})
	if got := all(t, b.dir); len(got) != len(names) || b.Calls("read") > 0 {
		t.Errorf("%d of %d files left, %d reads", len(got), len(names), b.Calls("read"))
	}
	b.put(t, "jane/refused/a.msrcIncident", invite(100))
	wantPass(t, "a user's own folder", b.scan(t), ticket.Pass{Queued: 1})
}

func TestModeReadWritesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Mode, o.Receipts = share.Read, true })
	b.put(t, "good.msrcIncident", invite(1))
	b.put(t, "bad.msrcIncident", invite(2)[:500])
	b.scan(t)
	wantPass(t, "settled", b.after(t, giveUp), ticket.Pass{Queued: 1, Refused: 1})
	wantPass(t, "again", b.after(t, giveUp), ticket.Pass{})
	b.Share = b.open()
	b.scan(t)
	wantPass(t, "after a restart", b.after(t, giveUp), ticket.Pass{})
	b.wantFiles(t, "untouched", "bad.msrcIncident", "good.msrcIncident")
	b.wantTickets(t, 1)
	if n := b.Calls("create") + b.Calls("rename") + b.Calls("move") + b.Calls("remove"); n > 0 {
		t.Errorf("%d writing calls", n)
	}
	b.put(t, "good.msrcIncident", invite(3))
	b.scan(t)
	wantPass(t, "another under the same name", b.after(t, settle), ticket.Pass{Queued: 1})
}
