package private

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// One script for each server: it runs in the server's root, and ends by
// becoming the server.
//
//go:embed root/*.sh
var rootScripts embed.FS

// Roots is the variable with the folder of the roots that e2e/private/roots
// built. Where it isn't set, tests of servers that live in one are skipped
// whatever is required, for to build them takes a minute and the network:
// `make test-servers` does.
const Roots = "INVITER_TEST_ROOTS"

// Rooted are the mail servers that live in roots of their own, for as packages
// they can't be installed side by side.
func Rooted() []string { return []string{"cyrus", "courier", "imap4d"} }

// RootedServer is one of them while it runs, with the account "help" whose
// password is "secret".
type RootedServer struct {
	Name string
	Addr string // IMAP; STARTTLS where the server offers it as it comes (Courier)
	CA   string // the file of the authority that signed its certificate
}

// Root starts the server of that name in its root. All it writes is gone with
// the test; the root stays as it was.
func Root(t testing.TB, name string) *RootedServer {
	t.Helper()
	roots := os.Getenv(Roots)
	if roots == "" {
		t.Skipf("%s is not set: `make test-servers` builds a root with %s", Roots, name)
	}
	if out, err := exec.Command("unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", t.TempDir()).CombinedOutput(); err != nil {
		Missing(t, fmt.Sprintf("the right to mount (%v: %s)", err, strings.TrimSpace(string(out))))
	}
	s := &RootedServer{Name: name}
	port := Port(t)
	s.Addr = address(port)
	dir := Folder(t)
	s.CA = certify(t, dir)
	enter, start := script(t, dir, "enter"), script(t, dir, name)
	p := Start(t, Command{
		Path: Program(t, "unshare"),
		Args: []string{"--mount", "--pid", "--fork", "--kill-child", "sh", enter, roots, name, dir, start},
		Env:  append(os.Environ(), fmt.Sprint("PORT=", port)), Ready: greeted(s.Addr, "* OK"),
	})
	t.Cleanup(func() {
		if p.Kill(); t.Failed() { // unshare doesn't hand on that it is asked to end
			t.Logf("%s: %s", name, p.Output())
		}
	})
	return s
}

// certify leaves certificate and key for the server in dir.
func certify(t testing.TB, dir string) (ca string) {
	t.Helper()
	a := NewAuthority(t)
	cert, key := a.Certificate(t, time.Now().Add(time.Hour))
	var pem []byte
	for _, file := range []string{cert, key} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pem = append(pem, b...)
	}
	if err := os.WriteFile(filepath.Join(dir, "server.pem"), pem, 0o644); err != nil {
		t.Fatal(err)
	}
	return a.File
}

func script(t testing.TB, dir, name string) (path string) {
	t.Helper()
	text, err := rootScripts.ReadFile("root/" + name + ".sh")
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, name+".sh")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
