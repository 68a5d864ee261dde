// Package private starts real servers from distribution packages for tests:
// each its own instance, on loopback, in a folder of its own, gone when the
// test ends. It ends only processes that it started itself.
//
// A machine need not have them all: a test whose server is not installed is
// skipped. With INVITER_TEST_REQUIRE=all in the environment, as in CI, it
// fails instead, so that nothing is left out unnoticed.
package private

import (
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Require is the variable that turns skipped tests into failed ones.
const Require = "INVITER_TEST_REQUIRE"

// Patience bounds every wait for a server: to get ready, and to end.
const Patience = time.Minute

// Missing ends the test because of what this machine lacks: skipped, or failed
// where everything is required.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv(Require) == "all" {
		t.Fatalf("%s=all, and this is missing: %s", Require, what)
		return
	}
	t.Skipf("missing: %s", what)
}

// Program finds an installed program, also where servers are kept that are in
// nobody's PATH. Without it the test ends as Missing says.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, found := Find(name)
	if !found {
		Missing(t, name)
	}
	return path
}

// Find is Program for whoever can do without.
func Find(name string) (path string, found bool) {
	for _, folder := range []string{"", "/usr/sbin", "/usr/local/sbin", "/sbin"} {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, true
		}
	}
	return "", false
}

// Port returns a TCP port of loopback that was free a moment ago. It lies below
// those that the system gives to connections and to whoever asks for any port,
// so that it is still free when a server is started, and started again.
func Port(t testing.TB) int {
	t.Helper()
	const first, count, tries = 10_000, 20_000, 100
	var err error
	for range tries {
		var l net.Listener
		if l, err = net.Listen("tcp", address(first+rand.IntN(count))); err == nil {
			defer l.Close()
			return l.Addr().(*net.TCPAddr).Port
		}
	}
	t.Fatal(err)
	return 0
}

// Folder makes a folder with a short name (Unix sockets allow 107 bytes) that
// other accounts can enter, as servers that drop their rights need it.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "inviter")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
