package private_test

import (
	"net"
	"strings"
	"testing"

	"inviter/e2e/private"
)

// Two of a kind run side by side, each with a mailbox of its own.
func TestRootedServersGreetAndEnd(t *testing.T) {
	t.Parallel()
	for _, name := range private.Rooted() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var addr string
			t.Run("run", func(t *testing.T) {
				a, b := private.Root(t, name), private.Root(t, name)
				for _, s := range []*private.RootedServer{a, b} {
					conn, err := net.Dial("tcp", s.Addr)
					if line := greeting(t, conn, err); !strings.HasPrefix(line, "* OK") {
						t.Errorf("greeting %q", line)
					}
				}
				addr = a.Addr
			})
			if addr == "" {
				t.Skip("it did not run")
			}
			if conn, err := net.Dial("tcp", addr); err == nil {
				conn.Close()
				t.Error("it outlived its test")
			}
		})
	}
}
