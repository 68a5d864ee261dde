package private

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// PostgreSQL is a server of a test's own. Its one user may do everything.
type PostgreSQL struct {
	*Process
	t    testing.TB
	bin  string
	dir  string
	port int
	as   *syscall.Credential
	set  []string
	more int // databases beside its own
}

// StartPostgreSQL starts a server with a fresh database until the test ends.
// settings are those of postgresql.conf, "name=value". Without it on this
// machine the test ends as Missing says.
func StartPostgreSQL(t testing.TB, settings ...string) *PostgreSQL {
	t.Helper()
	p := newPostgreSQL(t, settings)
	// Texts in an order of a language's, so that no test leans on the plain one.
	p.run("initdb", "-D", p.data(), "-U", "inviter", "-A", "trust", "--no-sync", "-E", "UTF8",
		"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en")
	p.Start()
	return p
}

// StandbyOf starts a second server that follows another one: whatever that one
// commits waits until this one has it on its disk.
func (p *PostgreSQL) StandbyOf() *PostgreSQL {
	p.t.Helper()
	s := newPostgreSQL(p.t, p.set)
	s.run("pg_basebackup", "-d", p.URL(), "-D", s.data(), "--write-recovery-conf", "--checkpoint=fast",
		"--no-sync", "--create-slot", "--slot=standby")
	s.Start()
	p.SQL("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
	for !strings.Contains(p.SQL("SELECT sync_state FROM pg_stat_replication"), "sync") {
		if p.t.Context().Err() != nil {
			p.t.Fatal("the standby never followed")
		}
	}
	return s
}

func newPostgreSQL(t testing.TB, settings []string) *PostgreSQL {
	t.Helper()
	p := &PostgreSQL{t: t, bin: postgresPrograms(t), dir: Folder(t), port: Port(t), set: settings}
	if os.Getuid() == 0 { // it refuses to run as root
		p.as = accountOf(t, "postgres", "nobody")
		if err := os.Chown(p.dir, int(p.as.Uid), int(p.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// postgresPrograms is the folder of the newest version that is installed.
func postgresPrograms(t testing.TB) string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	return filepath.Dir(Program(t, "initdb"))
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// HasPostgreSQL tells whether StartPostgreSQL finds its programs.
func HasPostgreSQL() bool {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	_, other := Find("initdb")
	return len(found) > 0 || other
}

// accountOf is the first of these accounts that there is.
func accountOf(t testing.TB, names ...string) *syscall.Credential {
	t.Helper()
	for _, name := range names {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.Atoi(u.Uid)
			gid, _ := strconv.Atoi(u.Gid)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	Missing(t, "an account to run the server as: "+strings.Join(names, ", "))
	return nil
}

func (p *PostgreSQL) data() string { return filepath.Join(p.dir, "data") }

// Start starts the server again after it ended.
func (p *PostgreSQL) Start() {
	p.t.Helper()
	args := []string{"-D", p.data(), "-p", strconv.Itoa(p.port), "-h", "127.0.0.1", "-k", p.dir, "-c", "max_connections=200",
		"-c", "shared_buffers=64MB"}
	for _, s := range p.set {
		args = append(args, "-c", s)
	}
	p.Process = Start(p.t, Command{
		Path: filepath.Join(p.bin, "postgres"), Args: args, Dir: p.dir, User: p.as,
		End: syscall.SIGINT, // waits for nobody's farewell
		Ready: func(ctx context.Context) error {
			return exec.CommandContext(ctx, filepath.Join(p.bin, "pg_isready"), "-q", "-d", p.URL()).Run()
		},
	})
}

// Crash ends the server and all its parts in the middle of whatever they do.
func (p *PostgreSQL) Crash() {
	p.Pause() // it makes no more parts
	parts := children(p.PID())
	p.Kill()
	for _, pid := range parts {
		for syscall.Kill(pid, syscall.SIGKILL) == nil { // until none is left that holds its memory
			time.Sleep(time.Millisecond)
		}
	}
}

// children are the processes that one started.
func children(parent int) []int {
	var out []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		b, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && fields[1] == strconv.Itoa(parent) {
			out = append(out, pid)
		}
	}
	return out
}

// Promote makes a standby the primary.
func (p *PostgreSQL) Promote() {
	p.t.Helper()
	p.run("pg_ctl", "promote", "-D", p.data(), "-w")
}

// Address is where the server listens, host:port.
func (p *PostgreSQL) Address() string { return fmt.Sprintf("127.0.0.1:%d", p.port) }

// URL names its database.
func (p *PostgreSQL) URL() string {
	return "postgres://inviter@" + p.Address() + "/postgres?sslmode=disable"
}

// NewDatabase makes one more, empty, and names it.
func (p *PostgreSQL) NewDatabase() (url string) {
	p.t.Helper()
	p.more++
	name := fmt.Sprint("more", p.more)
	p.SQL("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'")
	return strings.Replace(p.URL(), "/postgres?", "/"+name+"?", 1)
}

// SQL runs statements, each for itself, and returns what they print.
func (p *PostgreSQL) SQL(statements ...string) string {
	p.t.Helper()
	args := []string{"-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", p.URL()}
	for _, s := range statements {
		args = append(args, "-c", s)
	}
	return p.run("psql", args...)
}

// Run runs one of the server's programs on its database, such as pg_dump, and
// returns what it prints.
func (p *PostgreSQL) Run(program string, args ...string) string {
	p.t.Helper()
	return p.run(program, args...)
}

func (p *PostgreSQL) run(program string, args ...string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, program), args...)
	cmd.Dir = p.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.as}
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return strings.TrimSpace(string(out))
}
