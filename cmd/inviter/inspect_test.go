package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/carrier"
	"inviter/invitation/sample"
)

// inspected runs inspect --json and returns the reports by file.
func inspected(t *testing.T, args ...string) (map[string]carrier.Report, int, string) {
	t.Helper()
	r := inviter.Do(t, append([]string{"inspect", "--json"}, args...)...)
	reports := map[string]carrier.Report{}
	for line := range strings.Lines(r.Out) {
		var one carrier.Report
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		reports[one.File] = one
	}
	return reports, r.Code, r.Err
}

func TestInspect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name, text string) string {
		file := filepath.Join(dir, name)
		write(t, file, text)
		return file
	}
	file := sample.Invitation{User: "jane", Password: "open sesame", Start: time.Now(), Minutes: 60, Seed: 1}.RA2()
	good := in("good.msrcIncident", string(file))
	bad := in("bad.msrcIncident", "<?xml version='1.0'?><UPLOADINFO")
	notes := in("notes.txt", "buy milk")
	right, wrong := in("right", "open sesame\n"), in("wrong", "sesame")
	if err := os.Mkdir(filepath.Join(dir, "below"), 0o700); err != nil {
		t.Fatal(err)
	}
	below := in("below/again.msrcIncident", string(file))
	if err := os.Symlink(dir, filepath.Join(dir, "below", "round")); err != nil {
		t.Fatal(err)
	}

	reports, code, said := inspected(t, good, notes)
	if r := reports[good]; code != 0 || len(r.Found) != 1 || r.Found[0].User != "jane" || r.Found[0].Password != "not-given" {
		t.Errorf("exit %d, %+v\n%s", code, reports, said)
	}
	if reports, code, _ := inspected(t, "--password-file", right, good); code != 0 || reports[good].Found[0].Password != "right" {
		t.Errorf("right password: exit %d, %+v", code, reports)
	}
	if reports, code, _ := inspected(t, good, "--password-file="+wrong); code != 0 || reports[good].Found[0].Password != "wrong" {
		t.Errorf("wrong password: exit %d, %+v", code, reports)
	}
	if _, code, said := inspected(t, notes); code != 1 || said != "" {
		t.Errorf("nothing found: exit %d, %s", code, said)
	}
	if reports, code, _ := inspected(t, good, bad); code != 1 || len(reports[bad].Refused) != 1 {
		t.Errorf("something refused: exit %d, %+v", code, reports)
	}
	if reports, code, _ := inspected(t, dir); code != 1 || len(reports) != 6 || len(reports[below].Found) != 1 {
		t.Errorf("a folder: exit %d, %d reports", code, len(reports))
	}
	if reports, code, said := inspected(t, filepath.Join(dir, "none"), good); code != 1 || len(reports) != 1 || !strings.Contains(said, "none: no such file or directory: not inspected\n") {
		t.Errorf("a file that is not there: exit %d, %d reports, %s", code, len(reports), said)
	}
	if r := inviter.Do(t, "inspect", good); r.Code != 0 || !strings.Contains(r.Out, "1 found") {
		t.Errorf("for people: %+v", r)
	}
	if r := inviter.Do(t, "inspect", "--password-file", dir, good); r.Code != 2 {
		t.Errorf("a folder as password: %+v", r)
	}
}

// The rest of something endless is not read.
func TestInspectStandardInput(t *testing.T) {
	t.Parallel()
	file := sample.Invitation{User: "jane", Password: "x", Start: time.Now(), Minutes: 60, Seed: 1}.RA2()
	for name, in := range map[string]io.Reader{"whole": bytes.NewReader(file), "endless": endless{}} {
		var out, said bytes.Buffer
		code := run(t.Context(), []string{"inspect", "--json", "-"}, in, &out, &said)
		if want := map[string]int{"whole": 0, "endless": 1}[name]; code != want || !strings.HasPrefix(out.String(), `{"file":"-","found":[`) {
			t.Errorf("%s: exit %d, %s%s", name, code, out.String(), said.String())
		}
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }
