package ratio

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// File is the variable that names the file to which tables are appended.
const File = "INVITER_BENCH_FILE"

// Log prints tables, and appends them to a file under one heading that says
// when and on what they were measured.
type Log struct {
	out  io.Writer
	file string // "": print only
	now  func() time.Time
	peer []Peer
	once sync.Once
	err  error
}

// Peer is a program whose version belongs to the result.
type Peer struct {
	Name string
	Args []string // what prints the version
}

// NewLog appends to the file that the variable names, if any.
func NewLog(peers ...Peer) *Log {
	return &Log{out: os.Stdout, file: os.Getenv(File), now: time.Now, peer: peers}
}

// Add prints a table and keeps it.
func (l *Log) Add(t Table) error {
	if err := t.Print(l.out); err != nil || l.file == "" {
		return err
	}
	l.once.Do(func() { l.err = l.append("\n### " + l.heading() + "\n") })
	if l.err != nil {
		return l.err
	}
	return l.append("\n" + t.Markdown())
}

func (l *Log) append(text string) error {
	f, err := os.OpenFile(l.file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// heading is the moment, the machine and every version that counts.
func (l *Log) heading() string {
	parts := []string{
		l.now().Format("2 January 2006, 15:04"), revision("."), runtime.Version(), machine(), "load " + load() + " before",
	}
	for _, p := range l.peer {
		if v := p.version(); v != "" {
			parts = append(parts, p.Name+" "+v)
		}
	}
	return strings.Join(parts, " · ")
}

// version is the first word of what the program prints that looks like one; ""
// where the program is missing.
func (p Peer) version() string {
	out, err := exec.Command(p.Args[0], p.Args[1:]...).CombinedOutput()
	if err != nil {
		return ""
	}
	for _, word := range strings.Fields(string(out)) {
		if word = strings.Trim(word, "v,()"); word != "" && word[0] >= '0' && word[0] <= '9' && strings.Contains(word, ".") {
			return word
		}
	}
	return ""
}

// revision is what was measured. The file that results are added to is no part
// of it.
func revision(dir string) string {
	git := func(args ...string) (string, error) {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	if name, err := git("describe", "--always"); err == nil {
		if _, err := git("diff", "--quiet", "HEAD", "--", ":(top)", ":(top,exclude)docs/benchmarks.md"); err != nil {
			name += "-dirty"
		}
		return name
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown revision"
}

func machine() string {
	return fmt.Sprintf("%d × %s, %s %s", runtime.NumCPU(), model(), runtime.GOOS, kernel())
}

// model is the processor's name: proc(5), cpuinfo.
func model() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// kernel is its version without what its builder adds: proc(5), osrelease.
func kernel() string {
	version, _, _ := strings.Cut(word("/proc/sys/kernel/osrelease", ""), "-")
	return version
}

// load is the mean of the last minute: proc(5), loadavg.
func load() string { return word("/proc/loadavg", "unknown") }

func word(file, otherwise string) string {
	b, err := os.ReadFile(file)
	if f := strings.Fields(string(b)); err == nil && len(f) > 0 {
		return f[0]
	}
	return otherwise
}
