package private

import (
	"embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/template"
)

// One template per dialect: Dovecot 2.4 renamed most settings of 2.3.
//
//go:embed dovecot-2.3.conf dovecot-2.4.conf
var dovecotConf embed.FS

// DovecotOptions vary the server. The zero value is a plain one: no TLS,
// "/" between folders, all capabilities.
type DovecotOptions struct {
	Separator    string   // between folders; "" means "/"
	Prefix       string   // of every folder but INBOX, with its separator: "INBOX."
	Capabilities string   // what the server claims, in place of all it can do
	Users        []string // beside "help"; each has the password "secret"
	CertFile     string   // with KeyFile: STARTTLS on Addr, TLS from the start on TLSAddr
	KeyFile      string
	Rights       string // lines of a global ACL file: "* owner lrwstipe"; "" lets owners do everything
	Extra        string // further lines of configuration
}

// Mailserver is a running Dovecot. Every account's password is "secret".
type Mailserver struct {
	Addr    string // IMAP
	TLSAddr string // IMAPS, where a certificate was given
	Dir     string
	command Command
	process *Process
}

// Dovecot starts a private Dovecot of whatever version is installed, with the
// account "help". It stores mail as Maildir in Dir/mail/USER.
func Dovecot(t testing.TB, o DovecotOptions) *Mailserver {
	t.Helper()
	path := Program(t, "dovecot")
	s := &Mailserver{Dir: Folder(t), Addr: address(Port(t)), TLSAddr: address(Port(t))}
	s.write(t, path, o)
	conf := filepath.Join(s.Dir, "dovecot.conf")
	s.command = Command{Path: path, Args: []string{"-F", "-c", conf}, Ready: greeted(s.Addr, "* OK")}
	s.Start(t)
	return s
}

// Start starts the server again after a Stop, on the same mail and port.
func (s *Mailserver) Start(t testing.TB) {
	t.Helper()
	s.process = Start(t, s.command)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("dovecot: %s", complaints(s.Log()))
		}
	})
}

// complaints leaves out what a server logs of ordinary business.
func complaints(log string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		if !strings.Contains(line, ": Info: ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// Renumber restarts the server without what it knew of the numbers of an
// account's mails: its INBOX gets another UIDVALIDITY, and all mails new UIDs.
func (s *Mailserver) Renumber(t testing.TB, account string) {
	t.Helper()
	s.Stop()
	for _, numbers := range []string{"dovecot-uidlist", "dovecot.index*"} {
		files, err := filepath.Glob(filepath.Join(s.Dir, "mail", account, numbers))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s: %v", numbers, err)
		}
		for _, f := range files {
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.Start(t)
}

// Stop ends the server and all its connections.
func (s *Mailserver) Stop() { s.process.Stop() }

// Pause lets the server fall silent with its connections open; Resume wakes it.
// Connections that were logged in before belong to processes of their own in
// the same group, and fall silent too.
func (s *Mailserver) Pause() { s.process.Pause() }

// Resume ends a Pause.
func (s *Mailserver) Resume() { s.process.Resume() }

// Log is what the server logged.
func (s *Mailserver) Log() string {
	b, _ := os.ReadFile(filepath.Join(s.Dir, "dovecot.log"))
	return string(b)
}

// URL is the mailbox as inviter's configuration names it.
func (s *Mailserver) URL(user, folder string) string {
	return "imap://" + user + "@" + s.Addr + "/" + folder
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// settings is what the templates are filled with.
type settings struct {
	DovecotOptions
	Dir, Version, Account, Group string
	Port, TLSPort                string
	Root                         bool
}

func (s *Mailserver) write(t testing.TB, path string, o DovecotOptions) {
	t.Helper()
	name, version := dialect(t, path)
	v := settings{DovecotOptions: o, Dir: s.Dir, Version: version, Root: os.Geteuid() == 0}
	if v.Separator == "" {
		v.Separator = "/"
	}
	_, v.Port, _ = net.SplitHostPort(s.Addr)
	_, v.TLSPort, _ = net.SplitHostPort(s.TLSAddr)
	v.Account, v.Group = s.owner(t)
	var users strings.Builder
	for _, u := range append([]string{"help"}, o.Users...) {
		fmt.Fprintf(&users, "%s:{PLAIN}secret\n", u)
	}
	for name, text := range map[string]string{"users": users.String(), "rights": o.Rights} {
		if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(s.Dir, "dovecot.conf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := template.Must(template.ParseFS(dovecotConf, name)).Execute(f, v); err != nil {
		t.Fatal(err)
	}
}

// dialect tells which of the two configuration languages the program reads.
func dialect(t testing.TB, path string) (name, version string) {
	t.Helper()
	out, err := exec.Command(path, "--version").Output()
	if err != nil {
		t.Fatalf("%s --version: %v", path, err)
	}
	version, _, _ = strings.Cut(strings.TrimSpace(string(out)), " ")
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		t.Fatalf("dovecot version %q: %v", version, err)
	}
	if major > 2 || minor >= 4 {
		return "dovecot-2.4.conf", version
	}
	return "dovecot-2.3.conf", version
}

// owner makes the mail folder and tells whose it is: root hands it to nobody,
// since Dovecot wants no mail of root's; anybody else keeps it.
func (s *Mailserver) owner(t testing.TB) (account, group string) {
	t.Helper()
	mail := filepath.Join(s.Dir, "mail")
	if err := os.Mkdir(mail, 0o755); err != nil {
		t.Fatal(err)
	}
	u, err := user.Current()
	if err == nil && os.Geteuid() == 0 {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	g, err := user.LookupGroupId(u.Gid)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(mail, uid, gid); err != nil {
		t.Fatal(err)
	}
	return u.Username, g.Name
}

// ids are the numbers of who owns the mail.
func (s *Mailserver) ids(t testing.TB) (uid, gid string) {
	t.Helper()
	info, err := os.Stat(filepath.Join(s.Dir, "mail"))
	if err != nil {
		t.Fatal(err)
	}
	st := info.Sys().(*syscall.Stat_t)
	return strconv.Itoa(int(st.Uid)), strconv.Itoa(int(st.Gid))
}
