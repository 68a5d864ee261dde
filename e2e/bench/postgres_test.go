package bench_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"inviter/e2e/private"
)

// startPostgres starts a server of its own with everything durable, as it is by
// default, and tells its address.
func startPostgres(b *testing.B) string {
	b.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 || os.Getuid() != 0 {
		private.Missing(b, "PostgreSQL, and root to start it as its own account")
	}
	bin, dir, port := found[len(found)-1], private.Folder(b), private.Port(b)
	if out, err := exec.Command("chown", "postgres", dir).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	as := func(program string, args ...string) []string {
		return append([]string{"-u", "postgres", "--", filepath.Join(bin, program)}, args...)
	}
	data := filepath.Join(dir, "data")
	if out, err := exec.Command("runuser", as("initdb", "-D", data, "-U", "inviter", "-A", "trust", "--no-sync")...).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	url := fmt.Sprintf("postgres://inviter@127.0.0.1:%d/postgres", port)
	private.Start(b, private.Command{
		Path: private.Program(b, "runuser"), Dir: dir,
		Args: as("postgres", "-D", data, "-p", fmt.Sprint(port), "-h", "127.0.0.1", "-k", dir, "-c", "max_connections=200", "-c", "shared_buffers=64MB"),
		Ready: func(ctx context.Context) error {
			return exec.CommandContext(ctx, filepath.Join(bin, "pg_isready"), "-q", "-d", url).Run()
		},
	})
	return url
}
