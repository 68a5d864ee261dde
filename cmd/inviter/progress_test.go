package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/carrier"
	"inviter/invitation/sample"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Unix(1_800_000_000, 0)
	p := &progress{out: &out, total: 4, mixed: true, clock: func() time.Time { return now }}
	told := func() string { defer out.Reset(); return out.String() }
	p.step()
	p.line()
	p.end()
	if s := told(); s != "" {
		t.Errorf("short work shows %q", s)
	}
	now = now.Add(time.Second)
	p.step()
	if s := told(); s != "\r["+strings.Repeat("#", 15)+strings.Repeat(".", 15)+"] 2 of 4\x1b[K" {
		t.Errorf("half of it: %q", s)
	}
	p.step()
	if s := told(); s != "" {
		t.Errorf("drawn again at once: %q", s)
	}
	p.line()
	if s := told(); s != "\r\x1b[K" {
		t.Errorf("before a line: %q", s)
	}
	now = now.Add(time.Second)
	p.step()
	p.step() // a file came meanwhile
	now = now.Add(time.Second)
	p.step()
	if s := told(); !strings.Contains(s, "] 4 of 4") || !strings.Contains(s, "] 6 of 6") {
		t.Errorf("the end: %q", s)
	}
	p.end()
	if s := told(); s != "\r\x1b[K" {
		t.Errorf("after all: %q", s)
	}
	var none *progress
	none.step()
	none.line()
	none.end()
}

func TestWhatIsATerminal(t *testing.T) {
	t.Parallel()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if terminal(null) || terminal(file) || terminal(&bytes.Buffer{}) {
		t.Error("a bar would be drawn where nobody sees it")
	}
}

// TestInspectManyFiles: their order is kept, nothing of one file goes over into
// the report of the next, and no bar is drawn where there is no terminal.
func TestInspectManyFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var want []string
	for i := range 300 {
		name := filepath.Join(dir, fmt.Sprintf("%04d.msrcIncident", i))
		text := strings.Repeat("x", 5000-i)
		if i%2 == 0 {
			text = string(sample.Invitation{User: fmt.Sprint("user", i), Password: "x", Start: time.Now(), Minutes: 60, Seed: int64(i)}.RA2())
		}
		write(t, name, text)
		want = append(want, name)
	}
	if n := count(t.Context(), []string{dir, "-", filepath.Join(dir, "none"), want[0]}); n != 303 {
		t.Errorf("counted %d", n)
	}
	r := inviter.Do(t, "inspect", "--json", dir)
	if r.Code != 1 || strings.Contains(r.Err, "\r") {
		t.Errorf("exit %d, %q", r.Code, r.Err)
	}
	var got []string
	reports, _, _ := inspected(t, dir)
	for line := range strings.Lines(r.Out) {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, `{"file":"`), `"`)
		got = append(got, name)
		checkOne(t, reports[name], len(got)-1)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d lines, or in another order", len(got))
	}
}

func checkOne(t *testing.T, r carrier.Report, i int) {
	t.Helper()
	if i%2 == 1 && (len(r.Found) != 0 || len(r.Refused) != 1) || i%2 == 0 && (len(r.Found) != 1 || r.Found[0].User != fmt.Sprint("user", i)) {
		t.Errorf("file %d: %+v", i, r)
	}
}
