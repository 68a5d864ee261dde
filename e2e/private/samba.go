package private

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/template"
)

//go:embed samba.conf
var sambaConf string

// SambaOptions vary the server. The zero value signs and encrypts if asked to.
type SambaOptions struct {
	Global []string // further lines of the [global] section
	Share  []string // further lines of the [support] section
}

// Fileserver is a running smbd with one share, "support".
type Fileserver struct {
	Addr    string
	Files   string // the folder that is shared, for everybody to write in
	dir     string
	command Command
	process *Process
}

// SambaPassword is every account's.
const SambaPassword = "open sesame"

// sambaUsers are the accounts, each by the account of the system that it acts
// as: what it drops belongs to that.
func sambaUsers() map[string]string {
	return map[string]string{"inviter": "backup", "jane": "games", "bob": "news"}
}

// Samba starts a private smbd, with the accounts "inviter", "jane" and "bob".
// It needs to be root.
func Samba(t testing.TB, o SambaOptions) *Fileserver {
	t.Helper()
	path := Program(t, "smbd")
	if os.Geteuid() != 0 {
		Missing(t, "the rights of root, which smbd wants")
	}
	s := &Fileserver{dir: Folder(t), Addr: address(Port(t))}
	s.Files = filepath.Join(s.dir, "support")
	for _, sub := range []string{"private", "lock", "state", "cache", "pid", "ncalrpc", "support"} {
		if err := os.Mkdir(filepath.Join(s.dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(s.Files, 0o777); err != nil {
		t.Fatal(err)
	}
	s.Configure(t, o)
	s.addUsers(t)
	s.command = Command{Path: path, Args: []string{"-F", "--no-process-group", "-s", s.conf()}, Ready: s.listens}
	s.Start(t)
	return s
}

func (s *Fileserver) conf() string { return filepath.Join(s.dir, "smb.conf") }

// Configure writes the configuration; a running server reads it when it is
// started again.
func (s *Fileserver) Configure(t testing.TB, o SambaOptions) {
	t.Helper()
	f, err := os.Create(s.conf())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, port, _ := net.SplitHostPort(s.Addr)
	err = template.Must(template.New("").Parse(sambaConf)).Execute(f, struct {
		SambaOptions
		Dir, Port, Files string
	}{o, s.dir, port, s.Files})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *Fileserver) addUsers(t testing.TB) {
	t.Helper()
	var names strings.Builder
	for user, account := range sambaUsers() {
		fmt.Fprintf(&names, "%s = %s\n", account, user)
		s.SetPassword(t, user, SambaPassword)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "users"), []byte(names.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// SetPassword changes an account's.
func (s *Fileserver) SetPassword(t testing.TB, user, password string) {
	t.Helper()
	cmd := exec.Command(Program(t, "smbpasswd"), "-c", s.conf(), "-s", "-a", sambaUsers()[user])
	cmd.Stdin = strings.NewReader(password + "\n" + password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("smbpasswd: %v\n%s", err, out)
	}
}

// Start starts the server again after a Stop, on the same files and port.
func (s *Fileserver) Start(t testing.TB) {
	t.Helper()
	t.Cleanup(s.sweep) // after the server itself
	s.process = Start(t, s.command)
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(s.dir, "smbd.log"))
			t.Logf("smbd: %s", log[max(0, len(log)-4096):])
		}
	})
}

// sweep ends the helpers that smbd started and left: they lead groups of their
// own, and are known by this server's configuration, which is no other's.
func (s *Fileserver) sweep() {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range all {
		line, _ := os.ReadFile(file)
		if !slices.Contains(strings.Split(string(line), "\x00"), "--configfile="+s.conf()) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// Stop ends the server and all its connections.
func (s *Fileserver) Stop() { s.process.Stop() }

// Kill ends the server and all its connections in the middle of what they do.
func (s *Fileserver) Kill() { s.process.Kill() }

// Pause lets the server fall silent with its connections open; Resume wakes it.
func (s *Fileserver) Pause() { s.process.Pause() }

// Resume ends a Pause.
func (s *Fileserver) Resume() { s.process.Resume() }

// URL is a folder of the share as inviter's configuration names it.
func (s *Fileserver) URL(user, folder string) string {
	return strings.TrimSuffix("smb://"+user+"@"+s.Addr+"/support/"+folder, "/")
}

// Client runs smbclient's commands as one of the users, and returns what it printed.
func (s *Fileserver) Client(t testing.TB, user, commands string) string {
	t.Helper()
	host, port, _ := net.SplitHostPort(s.Addr)
	cmd := exec.Command(Program(t, "smbclient"), "-s", s.conf(), "-p", port, "-U", user+"%"+SambaPassword,
		"//"+host+"/support", "-c", commands)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("smbclient %q: %v\n%s", commands, err, out)
	}
	return string(out)
}

func (s *Fileserver) listens(ctx context.Context) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.Addr)
	if err == nil {
		err = conn.Close()
	}
	return err
}
