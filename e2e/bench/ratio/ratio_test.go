package ratio

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Everybody is measured as often, and the order turns around.
func TestInTurn(t *testing.T) {
	t.Parallel()
	var order []string
	side := func(name string, took time.Duration) Side {
		return Side{name, func(run int) time.Duration {
			order = append(order, name)
			return took * time.Duration(run+1)
		}}
	}
	got := InTurn(3, side("ours", 3*time.Second), side("floor", 2*time.Second))
	if want := []string{"ours", "floor", "floor", "ours", "ours", "floor"}; !slices.Equal(order, want) {
		t.Errorf("order %v", order)
	}
	if want := []time.Duration{3 * time.Second, 6 * time.Second, 9 * time.Second}; !slices.Equal(got[0].All, want) {
		t.Errorf("%v", got)
	}
	table := Beside("work", got...)
	want := [][]string{
		{"", "best", "median", "spread", "× floor"},
		{"ours", "3s", "6s", "3.00", "1.50"},
		{"floor", "2s", "4s", "3.00", "1.00"},
	}
	for i := range want {
		if !slices.Equal(table.Rows[i], want[i]) {
			t.Errorf("row %d: %v, want %v", i, table.Rows[i], want[i])
		}
	}
}

func TestRound(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		1234567891: "1.23s", 1234567: "1.23ms", 98765: "98.77µs", 12: "12ns", 83 * time.Second: "1m23s", -379888018: "-379.89ms",
	} {
		if got := Round(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}

// A run has one heading, however many tables it adds, and goes after what was
// there before.
func TestLogAppends(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "benchmarks.md")
	if err := os.WriteFile(file, []byte("# Benchmarks\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	l := &Log{out: &out, file: file, now: func() time.Time { return time.Date(2026, 11, 28, 14, 5, 0, 0, time.UTC) },
		peer: []Peer{{"Go", []string{"go", "version"}}, {"nothing", []string{"no-such-program"}}}}
	for _, title := range []string{"one", "two"} {
		if err := l.Add(Table{title, [][]string{{"", "best"}, {"a|b", "1 ms"}}}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if !strings.HasPrefix(text, "# Benchmarks\n\n### 28 November 2026, 14:05 · ") || strings.Count(text, "###") != 1 || strings.Contains(text, "nothing") {
		t.Errorf("heading: %s", text)
	}
	if !strings.HasSuffix(text, "\none\n\n|  | best |\n|---|---|\n| a\\|b | 1 ms |\n\ntwo\n\n|  | best |\n|---|---|\n| a\\|b | 1 ms |\n") {
		t.Errorf("tables: %q", text)
	}
	if !strings.Contains(out.String(), "one\n") || !strings.Contains(out.String(), "a|b") {
		t.Errorf("printed: %s", out.String())
	}
}

// Without a file tables are printed; a file that can't be written is said.
func TestLogWithoutFile(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := &Log{out: &out, now: time.Now}
	if err := l.Add(Table{"one", [][]string{{"a"}, {"b"}}}); err != nil || out.Len() == 0 {
		t.Error(err)
	}
	l = &Log{out: &out, now: time.Now, file: filepath.Join(t.TempDir(), "none", "x")}
	if err := l.Add(Table{"one", [][]string{{"a"}}}); err == nil {
		t.Error("nobody is told that nothing was kept")
	}
}

// What was measured is called dirty when it was changed, and not because the
// results were written down.
func TestRevision(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	git := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("git %v: %v\n%s", args, err, out)
		}
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "docs"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("docs/benchmarks.md", "# Benchmarks")
	write("a.go", "package a")
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "a")
	for _, step := range []struct {
		file  string
		dirty bool
	}{{"docs/benchmarks.md", false}, {"a.go", true}} {
		write(step.file, "changed")
		for _, from := range []string{dir, filepath.Join(dir, "docs")} {
			if got := revision(from); strings.HasSuffix(got, "-dirty") != step.dirty || got == "" {
				t.Errorf("%s changed: %q", step.file, got)
			}
		}
	}
}
