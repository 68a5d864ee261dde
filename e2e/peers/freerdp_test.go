// Package peers_test has other people's programs read what ours reads, and
// compares: FreeRDP the invitations, Python's email package the mails around
// them. They share no code with us, so a mistake would have to be made twice.
package peers_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"html"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"inviter/e2e/private"
)

// freerdp is FreeRDP's own reader of invitations, as a small program round it.
type freerdp struct {
	path  string
	major int // 2 or 3
}

// question is one file, and the password to try on it.
type question struct {
	file     []byte
	password string
}

// answer is what FreeRDP made of one.
type answer struct {
	accepted  bool // it would connect
	died      bool // it crashed
	user      string
	stub      string // of which the proof of the password is made
	encrypted bool
	start     int64
	minutes   int64
	addresses []string // host and port or URI, sorted, each once
}

// build compiles the program against whatever FreeRDP is installed.
func build(t *testing.T) freerdp {
	t.Helper()
	compiler, config := private.Program(t, "gcc"), private.Program(t, "pkg-config")
	for _, version := range []string{"3", "2"} {
		flags, err := exec.Command(config, "--cflags", "--libs", "freerdp"+version, "winpr"+version).Output()
		if err != nil {
			continue
		}
		f := freerdp{path: filepath.Join(t.TempDir(), "reader"), major: int(version[0] - '0')}
		args := append([]string{"-o", f.path, filepath.Join("testdata", "reader.c")}, strings.Fields(string(flags))...)
		if out, err := exec.Command(compiler, args...).CombinedOutput(); err != nil {
			t.Fatalf("compile against FreeRDP %s: %v\n%s", version, err, out)
		}
		return f
	}
	private.Missing(t, "freerdp3-dev or freerdp2-dev")
	return freerdp{}
}

// ask has FreeRDP read every file, in one run of the program.
func (f freerdp) ask(t *testing.T, questions []question) []answer {
	t.Helper()
	dir := t.TempDir()
	var in bytes.Buffer
	for n, q := range questions {
		path := filepath.Join(dir, strconv.Itoa(n))
		if err := os.WriteFile(path, q.file, 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&in, "%x %s\n", q.password, path)
	}
	ctx, cancel := context.WithTimeout(t.Context(), private.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, f.path)
	cmd.Stdin = &in
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("FreeRDP: %v\n%s", err, complaints.Bytes())
	}
	answers := understand(t, out)
	if len(answers) != len(questions) {
		t.Fatalf("FreeRDP answered %d of %d questions", len(answers), len(questions))
	}
	return answers
}

// understand reads what the program prints.
func understand(t *testing.T, out []byte) []answer {
	t.Helper()
	var answers []answer
	var a answer
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for first := true; lines.Scan(); first = false {
		line := lines.Text()
		if s, err := strconv.Unquote(line); err == nil {
			a.take(t, s)
			continue
		}
		if first {
			t.Log(line)
			continue
		}
		word, code, _ := strings.Cut(line, " ")
		a.died, a.accepted = word == "died", word == "end" && code == "1"
		slices.Sort(a.addresses)
		a.addresses = slices.Compact(a.addresses)
		answers, a = append(answers, a), answer{}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return answers
}

// take reads a line of FreeRDP's description, "DtStart: 1700000000". An
// address and its port are two lines, in this order.
func (a *answer) take(t *testing.T, line string) {
	t.Helper()
	name, value, _ := strings.Cut(line, ": ")
	if value == "(nil)" || value == "(null)" {
		return
	}
	var err error
	switch name, _, _ = strings.Cut(name, " "); name {
	case "Username":
		a.user = html.UnescapeString(value)
	case "PassStub":
		a.stub = html.UnescapeString(value) // version 3 has done so itself
	case "RCTicketEncrypted":
		a.encrypted = value == "1"
	case "DtStart":
		a.start, err = strconv.ParseInt(value, 10, 64)
	case "DtLength":
		a.minutes, err = strconv.ParseInt(value, 10, 64)
	case "MachineAddress":
		a.addresses = append(a.addresses, value)
	case "MachinePort":
		if last := &a.addresses[len(a.addresses)-1]; value != "0" { // a URI has none
			*last = net.JoinHostPort(*last, value)
		}
	}
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
}
