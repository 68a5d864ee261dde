package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	out := inviter.Must(t, "check", "--config", o.config)
	for _, want := range []string{"ok  configuration", "will be made at the first start", "ok  share:drop", "ok  clock"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if _, err := os.Stat(filepath.Join(o.dir, "data")); !os.IsNotExist(err) {
		t.Errorf("check made the data folder: %v", err)
	}
	inviter.Must(t, "technician", "list", "--config", o.config)
	out = inviter.Must(t, "check", "--config", o.config)
	if !strings.Contains(out, "ok  key") || strings.Contains(out, "FAILED") {
		t.Errorf("with a database:\n%s", out)
	}
}

func TestCheckNamesWhatFails(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", `
[[share]]
name = "away"
path = "/nowhere/at/all"
[[mailbox]]
name = "desk"
url = "imap://help@127.0.0.1:1/INBOX"
password_file = 'PASSWORD'
`)
	text, err := os.ReadFile(o.config)
	if err != nil {
		t.Fatal(err)
	}
	password := filepath.Join(o.dir, "password")
	write(t, password, "geheim")
	write(t, o.config, strings.Replace(string(text), "PASSWORD", password, 1))
	inviter.Must(t, "technician", "list", "--config", o.config)
	key := filepath.Join(o.dir, "data", "inviter.key")
	if err := os.Rename(key, key+".aside"); err != nil {
		t.Fatal(err)
	}
	r := inviter.Do(t, "check", "--json", "--config", o.config)
	if r.Code != 1 || r.Err != "" || strings.Contains(r.Out, "geheim") {
		t.Errorf("exit %d, %s", r.Code, r.Err)
	}
	failed := map[string]string{}
	for line := range strings.Lines(r.Out) {
		var one tried
		if err := json.Unmarshal([]byte(line), &one); err != nil || one.OK != (one.Error == nil) {
			t.Fatalf("%v: %s", err, line)
		}
		if !one.OK {
			failed[one.Part] += *one.Error
		}
	}
	for part, want := range map[string]string{
		"share:away":   "/nowhere/at/all",
		"mailbox:desk": "nothing listens at 127.0.0.1:1: check host and port",
		"database":     "the key file is missing",
	} {
		if !strings.Contains(failed[part], want) {
			t.Errorf("%s: %q, want %q", part, failed[part], want)
		}
	}
	if len(failed) != 3 {
		t.Errorf("failed %v", failed)
	}
	if r := inviter.Do(t, "check", "--config", o.config); r.Code != 1 || strings.Count(r.Out, "FAILED") != 3 {
		t.Errorf("for people: exit %d\n%s", r.Code, r.Out)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	if got := clock(time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)); got.OK {
		t.Error("1970 is plausible")
	}
	if got := clock(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)); !got.OK {
		t.Errorf("2031 is not: %v", *got.Error)
	}
}
