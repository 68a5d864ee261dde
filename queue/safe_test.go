package queue_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func (d *desk) kept(name string) string {
	d.t.Helper()
	var kept string
	if err := d.Safe(d.dir).Change(d.t.Context(), name, func(was string) (string, error) { kept = was; return was, nil }); err != nil {
		d.t.Fatal(err)
	}
	return kept
}

func (d *desk) lock(name, secret string) {
	d.t.Helper()
	if err := d.Safe(d.dir).Change(d.t.Context(), name, func(string) (string, error) { return secret, nil }); err != nil {
		d.t.Fatal(err)
	}
}

func TestSafe(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if got := d.kept("mailbox:a/b"); got != "" {
		t.Errorf("at first %q", got)
	}
	d.lock("mailbox:a/b", "refresh token 1")
	d.lock("mailbox:c", "another")
	d.db.Close()
	d.open()
	d.lock("mailbox:a/b", d.kept("mailbox:a/b")+"2")
	if got := d.kept("mailbox:a/b"); got != "refresh token 12" {
		t.Errorf("kept %q", got)
	}
	files, err := filepath.Glob(filepath.Join(d.dir, "*.secret"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		st, err2 := os.Stat(f)
		if err := errors.Join(err, err2); err != nil || st.Mode().Perm() != 0o600 || strings.Contains(string(b), "token") {
			t.Errorf("%s: %v %v", f, st.Mode(), err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(d.dir, ".inviter-secret-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	// Neither another's file nor a changed one opens.
	if err := os.Rename(files[1], files[0]); err != nil {
		t.Fatal(err)
	}
	err = d.Safe(d.dir).Change(t.Context(), "mailbox:a/b", func(string) (string, error) { return "x", nil })
	if err == nil || !strings.Contains(err.Error(), "take it away") {
		t.Errorf("another's: %v", err)
	}
}

// A crash can come before, during or after the file is written: what is left
// then is a half-written file under another name, and the old secret.
func TestSafeAfterACrash(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.lock("a", "old")
	if err := os.WriteFile(filepath.Join(d.dir, ".inviter-secret-123"), []byte("hal"), 0o600); err != nil {
		t.Fatal(err)
	}
	lost := errors.New("the token server was away")
	if err := d.Safe(d.dir).Change(t.Context(), "a", func(string) (string, error) { return "new", lost }); !errors.Is(err, lost) {
		t.Errorf("a change that failed: %v", err)
	}
	d.db.Close()
	d.open()
	if got := d.kept("a"); got != "old" {
		t.Errorf("kept %q", got)
	}
	if err := os.Chmod(d.dir, 0o500); err != nil || os.Getuid() == 0 {
		return // root writes everywhere
	}
	defer os.Chmod(d.dir, 0o700)
	if err := d.Safe(d.dir).Change(t.Context(), "a", func(string) (string, error) { return "new", nil }); err == nil {
		t.Error("written into a folder that can't be written to")
	}
}

// One at a time: nobody works from what another is just replacing.
func TestSafeIsForOneAtATime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if err := d.Safe(d.dir).Change(t.Context(), "a", func(was string) (string, error) { return was + "x", nil }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := d.kept("a"); got != "xxxxx" {
		t.Errorf("kept %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Safe(d.dir).Change(t.Context(), "a", func(string) (string, error) {
		cancel()
		return "", d.Safe(d.dir).Change(ctx, "a", func(string) (string, error) { return "never", nil })
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("while another has it: %v", err)
	}
}
