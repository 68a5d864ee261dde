package carrier_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What one input may cost the whole program.
const (
	mostTime   = 2 * time.Second
	mostMemory = 128 << 10 // KiB
)

// TestWorstOnTheProgram runs the real program on every input that was made to
// be slow, and on much larger files, and asks the system what each took.
func TestWorstOnTheProgram(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "inviter")
	build := exec.Command("go", "build", "-o", program, "inviter/cmd/inviter")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	inputs := worst()
	inputs["ten thousand parts in one another"] = nested(10_000, jane.RA2())
	file := filepath.Join(dir, "input")
	for name, raw := range inputs {
		must(os.WriteFile(file, raw, 0o600))
		inspects(t, name, program, file)
	}
	for name, head := range map[string]string{
		"invitation": `<UPLOADINFO TYPE="Escalated"><UPLOADDATA `, "zip": "PK\x03\x04", "gzip": "\x1f\x8b\x08", "winmail.dat": "\x78\x9f\x3e\x22\x01\x00",
		"mail": "From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n", "16 bits": "\xff\xfe<\x00U\x00",
	} {
		must(os.WriteFile(file, []byte(head), 0o600))
		must(os.Truncate(file, 400<<20)) // the rest is zeros, and takes no room
		inspects(t, "400 MB of "+name, program, file)
	}
}

// inspects has the program read a file and then wait for its standard input, so
// that its memory can be asked for while it is all there.
func inspects(t *testing.T, name, program, file string) {
	t.Helper()
	cmd := exec.Command(program, "inspect", "--json", file, "-")
	cmd.Dir = filepath.Dir(program)
	in, err := cmd.StdinPipe()
	must(err)
	out, err := cmd.StdoutPipe()
	must(err)
	must(cmd.Start())
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	if err != nil || !strings.HasPrefix(first, `{"file":`) {
		t.Errorf("%s: %.200s %v", name, first, err)
	}
	memory := highWater(cmd.Process.Pid)
	must(in.Close())
	_, err = io.Copy(io.Discard, lines)
	must(err)
	_ = cmd.Wait() // nothing is found in most, which is an exit status of 1
	took := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if memory == 0 || memory > mostMemory || took > mostTime {
		t.Errorf("%s: %v of CPU, %d MiB", name, took, memory>>10)
	}
}

// highWater is the most memory that a process had so far, in KiB.
func highWater(pid int) (kib int) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	must(err)
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kib); err == nil {
			return kib
		}
	}
	return 0
}
