package share_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"inviter/share"
	"inviter/ticket"
)

// Names as hostile as a file system allows: each file is one ticket, with a
// receipt beside it, and an item that any database and page can take.
func TestEveryNameIsTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Settle, o.Receipts = 0, true })
	var names []string
	for c := 1; c < 256; c++ {
		if c != '/' {
			names = append(names, "a"+string([]byte{byte(c)})+"b")
		}
	}
	names = append(names,
		strings.Repeat("n", 255), strings.Repeat("ü", 127), strings.Repeat("日", 85), strings.Repeat("\xff", 255),
		strings.Repeat("x", 242)+".msrcIncident", "two\nlines\r\n.msrcIncident", "\u202etnedicnIcrsm.exe", "CON", "aux.txt", "a:b", "a\\b", "Help", "help", "HELP",
		"-rf", " ", "a ", "a.", "...a"[3:], "%41#1", "#", "e\u0301", "\u00e9")
	seen := map[string]bool{}
	for i, name := range names {
		if !seen[name] {
			b.write(t, fmt.Sprintf("u%03d/%s", i%5, name), invite(i))
		}
		seen[name] = true
	}
	wantPass(t, "hostile names", b.scan(t), ticket.Pass{Queued: len(seen)})
	b.wantTickets(t, len(seen))
	items := map[string]bool{}
	for _, d := range b.ledger.Deliveries() {
		if items[d.Item] || !utf8.ValidString(d.Item) || strings.ContainsFunc(d.Item, func(r rune) bool { return r < ' ' || r == '\u202e' }) || len(d.Item) > 1000 {
			t.Errorf("item %q is used twice or unfit", d.Item)
		}
		items[d.Item] = true
	}
	receipts := all(t, b.dir)
	if len(receipts) != len(seen) {
		t.Errorf("%d receipts, want %d", len(receipts), len(seen))
	}
	for _, r := range receipts {
		if !strings.HasSuffix(r, ".received.txt") || len(filepath.Base(r)) > 255 {
			t.Errorf("receipt %q", r)
		}
	}
	wantPass(t, "again", b.scan(t), ticket.Pass{})
}

func TestLongNamesAreRefusedToo(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Settle, o.GiveUp = 0, 0 })
	for i, dir := range []string{"jane", "joe", "jim"} {
		b.write(t, dir+"/"+strings.Repeat("x", 242)+".msrcIncident", invite(i)[:400])
	}
	wantPass(t, "damaged", b.scan(t), ticket.Pass{Refused: 3})
	if got := all(t, b.path("refused")); len(got) != 6 {
		t.Errorf("refused holds %d files, want 3 with their reasons", len(got))
	}
	wantPass(t, "again", b.scan(t), ticket.Pass{})
}

func TestFoldersAreFollowedWithinBounds(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Settle = 0 })
	deep := strings.Repeat("d/", 20)
	b.write(t, deep+"last.msrcIncident", invite(1))
	b.write(t, deep+"d/beyond.msrcIncident", invite(2))
	outside := t.TempDir()
	must(t, os.WriteFile(filepath.Join(outside, "a.msrcIncident"), invite(3), 0o644))
	must(t, os.Symlink(outside, b.path("out")))
	must(t, os.Symlink(".", b.path("loop")))
	wantPass(t, "deep", b.scan(t), ticket.Pass{Queued: 1})
	b.wantFiles(t, "left", deep+"d/beyond.msrcIncident", "loop", "out")
}

func TestNumberedNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 242) + ".msrcIncident"
	tests := []struct {
		got, want string
	}{
		{share.Numbered("a.txt", 0), "a.txt"},
		{share.Numbered("a.txt", 1), "a.2.txt"},
		{share.Numbered("a", 2), "a.3"},
		{share.Numbered(long, 1), strings.Repeat("x", 240) + ".2.msrcIncident"},
		{share.Suffixed("a.txt", ".received.txt", 0), "a.txt.received.txt"},
		{share.Suffixed("a.txt", ".received.txt", 1), "a.txt.2.received.txt"},
		{share.Suffixed(strings.Repeat("ü", 127), ".received.txt", 0), strings.Repeat("ü", 121) + ".received.txt"},
		{share.SetAsideAs(share.AsideName("a.txt")), "a.txt"},
		{share.SetAsideAs(".inviter-check-ABC"), ""},
		{share.SetAsideAs(".inviter-0123456789abcdef-"), ""},
		{share.Shown("jane/a b\n%#\xff\u202eü"), "jane/a b%0A%25%23%FF%E2%80%AEü"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
	if a, b := share.Shown(strings.Repeat("a", 3000)), share.Shown(strings.Repeat("a", 3001)); a == b || len(a) > 700 {
		t.Errorf("long paths are shown as %q and %q", a, b)
	}
}
