package private

import (
	"embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
)

//go:embed postfix-main.cf postfix-master.cf
var postfixConf embed.FS

// Mailer is a running Postfix. What it takes for anybody@example.org it delivers
// into the Maildir of a Mailserver's account of that name, as their real
// mailbox; anything else it refuses.
type Mailer struct {
	Addr string // SMTP
	Dir  string
	path string
}

// Postfix starts a private Postfix in front of a Dovecot. It needs root, for
// Postfix changes into accounts of its own.
func Postfix(t testing.TB, box *Mailserver) *Mailer {
	t.Helper()
	path := Program(t, "postfix")
	if os.Geteuid() != 0 {
		Missing(t, "root, to start Postfix")
	}
	m := &Mailer{Dir: Folder(t), Addr: address(Port(t)), path: path}
	m.write(t, box)
	Start(t, Command{Path: path, Args: []string{"-c", m.Dir, "start-fg"}, Ready: greeted(m.Addr, "220")})
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("postfix:\n%s", m.Log())
		}
	})
	return m
}

// Log is what the server logged.
func (m *Mailer) Log() string {
	b, _ := os.ReadFile(filepath.Join(m.Dir, "postfix.log"))
	return string(b)
}

// Refuse has the server answer recipients so, each a line such as
// "jane@example.org 451 4.7.1 greylisted"; without lines it takes all again.
func (m *Mailer) Refuse(t testing.TB, lines ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(m.Dir, "access"), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(m.path, "-c", m.Dir, "reload").CombinedOutput(); err != nil {
		t.Fatalf("postfix reload: %v\n%s", err, out)
	}
}

func (m *Mailer) write(t testing.TB, box *Mailserver) {
	t.Helper()
	for _, dir := range []string{"queue", "data"} {
		if err := os.Mkdir(filepath.Join(m.Dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("chown", "postfix", filepath.Join(m.Dir, "data")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	owner, group := box.ids(t)
	_, port, _ := net.SplitHostPort(m.Addr)
	v := map[string]string{"Dir": m.Dir, "Box": filepath.Join(box.Dir, "mail"), "Port": port, "Owner": owner, "Group": group, "Daemons": daemons(t)}
	for from, to := range map[string]string{"postfix-main.cf": "main.cf", "postfix-master.cf": "master.cf"} {
		f, err := os.Create(filepath.Join(m.Dir, to))
		if err != nil {
			t.Fatal(err)
		}
		if err := template.Must(template.ParseFS(postfixConf, from)).Execute(f, v); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"access": "\n", "accounts": accounts(t, box)} {
		if err := os.WriteFile(filepath.Join(m.Dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// accounts maps the addresses of the mail server's accounts to their folders.
func accounts(t testing.TB, box *Mailserver) string {
	t.Helper()
	users, err := os.ReadFile(filepath.Join(box.Dir, "users"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(users)) {
		name, _, _ := strings.Cut(line, ":")
		fmt.Fprintf(&b, "%s@example.org %s/\n", name, name)
	}
	return b.String()
}

// daemons is where the distribution keeps Postfix's own programs.
func daemons(t testing.TB) string {
	t.Helper()
	for _, dir := range []string{"/usr/lib/postfix/sbin", "/usr/libexec/postfix"} {
		if _, err := os.Stat(filepath.Join(dir, "master")); err == nil {
			return dir
		}
	}
	Missing(t, "postfix's daemons")
	return ""
}
