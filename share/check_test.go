package share_test

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"inviter/share"
	"inviter/ticket"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, denied := range []string{"", "open", "list", "read", "create", "remove"} {
		t.Run("denied "+denied, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.write(t, "menu.txt", []byte("soup"))
			b.Set(func(op, name string) error {
				if op == denied {
					return &fs.PathError{Op: op, Path: name, Err: syscall.EACCES}
				}
				return nil
			})
			failed := map[string]string{"": "", "open": "list", "list": "list", "read": "read", "create": "write", "remove": "write"}[denied]
			for _, step := range b.Check(t.Context()) {
				if (step.Err != nil) != (step.Name == failed) {
					t.Errorf("%s: %v", step.Name, step.Err)
				}
				if step.Err != nil && !strings.Contains(step.Err.Error(), "permission") {
					t.Errorf("no advice in %v", step.Err)
				}
			}
			if denied != "remove" {
				b.wantFiles(t, "untouched", "menu.txt")
			}
		})
	}
}

func TestCheckOfAnAbsentShare(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	must(t, os.Remove(b.dir))
	if steps := b.Check(t.Context()); len(steps) != 1 || steps[0].Name != "list" || !errors.Is(steps[0].Err, ticket.ErrGone) {
		t.Errorf("%v", steps)
	}
}

func TestCheckInModeReadWritesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Mode = share.Read })
	if steps := b.Check(t.Context()); len(steps) != 2 || b.Calls("create") != 0 {
		t.Errorf("%v, %d files made", steps, b.Calls("create"))
	}
}

func TestCheckOfANetworkPath(t *testing.T) {
	t.Parallel()
	s := share.Open(share.Options{Name: "a", Path: `\\fileserver\support`}, nil)
	steps := s.Check(t.Context())
	if runtime.GOOS != "windows" && (len(steps) != 1 || !strings.Contains(steps[0].Err.Error(), "smb://")) {
		t.Errorf("%v", steps)
	}
}
