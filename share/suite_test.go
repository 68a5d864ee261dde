package share_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/share"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// clock is a clock that goes only when told to. It starts at the real time,
// for the file system's clock goes by that.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const (
	settle = 2 * time.Second
	giveUp = 2 * time.Minute
)

// harness is a share in a temporary folder, as the suite wants it. change
// alters its options.
func harness(change func(*share.Options)) func(*testing.T) sourcetest.Harness {
	return func(t *testing.T) sourcetest.Harness {
		dir := filepath.Join(t.TempDir(), "support")
		must(t, os.Mkdir(dir, 0o755))
		c := newClock()
		o := share.Options{Name: "support", Path: dir, Settle: settle, GiveUp: giveUp, Receipts: true, Clock: c.Now}
		if change != nil {
			change(&o)
		}
		return sourcetest.Harness{
			Open: func(_ *testing.T, l ticket.Ledger) ticket.Source {
				o := o
				if r, ok := l.(*sourcetest.Recorder); ok {
					o.Answers = answers(r)
				}
				return share.Open(o, l)
			},
			Deliver: func(t *testing.T, name string, file []byte) {
				must(t, os.WriteFile(filepath.Join(dir, name), file, 0o644))
			},
			Remaining: func(t *testing.T) int { return len(visible(t, dir)) },
			Settle:    func(*testing.T) { c.advance(settle) },
			Break:     func(t *testing.T) { must(t, os.Rename(dir, dir+".away")) },
			Mend:      func(t *testing.T) { must(t, os.Rename(dir+".away", dir)) },
			Keeps:     o.Mode == share.Read,
		}
	}
}

// answers are a recorder's, in words of one line a ticket.
func answers(r *sourcetest.Recorder) share.Answers {
	return share.Answers{Traces: r, Reporter: r, Words: func(news []ticket.News) string {
		var text strings.Builder
		for _, n := range news {
			fmt.Fprintf(&text, "Ticket %d: %s %s\r\n", n.Ticket, n.State, n.Holder)
		}
		return text.String()
	}}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// visible lists the files of a folder tree but for what we write ourselves.
func visible(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "refused" {
			return fs.SkipDir
		}
		if !d.IsDir() && !strings.HasSuffix(path, ".received.txt") {
			names = append(names, strings.TrimPrefix(path, dir+"/"))
		}
		return nil
	}))
	return names
}

func TestConformance(t *testing.T) {
	t.Parallel()
	variants := map[string]func(*share.Options){
		"take":       nil,
		"read":       func(o *share.Options) { o.Mode = share.Read },
		"no settle":  func(o *share.Options) { o.Settle = 0 },
		"no receipt": func(o *share.Options) { o.Receipts = false },
	}
	for name, change := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, harness(change))
		})
	}
}
