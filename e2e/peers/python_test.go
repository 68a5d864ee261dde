package peers_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"inviter/e2e/private"
)

// described is what Python's email package makes of a mail.
type described struct {
	From, FromName, Subject, MessageID string
	Date                               int64 // seconds since 1970, 0 where there is none
	Leaves                             []leaf
}

type leaf struct {
	Name string
	Body []byte
}

// wish is a mail that Python shall write.
type wish struct {
	Way  string `json:"way"`
	Name string `json:"name"`
	File []byte `json:"file"`
}

// python runs the script once, isolated from whatever the account has installed.
func python(t *testing.T, verb string, in []byte) [][]byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), private.Program(t, "python3"), "-I", filepath.Join("testdata", "mails.py"), verb)
	cmd.Stdin = bytes.NewReader(in)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python: %v\n%s", err, complaints.Bytes())
	}
	return bytes.Split(bytes.TrimSuffix(out, []byte("\n")), []byte("\n"))
}

// describe has Python read mails.
func describe(t *testing.T, mails [][]byte) []described {
	t.Helper()
	dir := t.TempDir()
	var paths strings.Builder
	for n, mail := range mails {
		path := filepath.Join(dir, strconv.Itoa(n))
		if err := os.WriteFile(path, mail, 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&paths, path)
	}
	all := make([]described, len(mails))
	lines := python(t, "read", []byte(paths.String()))
	if len(lines) != len(mails) {
		t.Fatalf("python read %d of %d mails", len(lines), len(mails))
	}
	for n, line := range lines {
		if err := json.Unmarshal(line, &all[n]); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// written has Python write mails.
func written(t *testing.T, wishes []wish) [][]byte {
	t.Helper()
	in, err := json.Marshal(wishes)
	if err != nil {
		t.Fatal(err)
	}
	mails := python(t, "write", in)
	if len(mails) != len(wishes) {
		t.Fatalf("python wrote %d of %d mails", len(mails), len(wishes))
	}
	for n, line := range mails {
		if mails[n], err = base64.StdEncoding.DecodeString(string(line)); err != nil {
			t.Fatal(err)
		}
	}
	return mails
}
