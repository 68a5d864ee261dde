package share_test

import (
	"errors"
	"syscall"
	"testing"

	"inviter/share"
	"inviter/ticket"
)

// The real thing, where the test may mount.
func TestUnmountedAndMountedAgain(t *testing.T) {
	b := newBench(t, nil)
	mount := func() error { return syscall.Mount("tmpfs", b.dir, "tmpfs", 0, "size=1m") }
	if err := mount(); err != nil {
		t.Skipf("may not mount: %v", err)
	}
	mounted := true
	t.Cleanup(func() {
		if mounted {
			_ = syscall.Unmount(b.dir, syscall.MNT_DETACH)
		}
	})
	b.put(t, "one.msrcIncident", invite(1))
	b.scan(t)
	wantPass(t, "mounted", b.after(t, settle), ticket.Pass{Queued: 1})
	must(t, syscall.Unmount(b.dir, syscall.MNT_DETACH))
	mounted = false
	for _, s := range []*share.Share{b.Share, b.open()} { // a restart must not forget it
		if _, err := s.Scan(t.Context(), b.ledger.Submit); !errors.Is(err, ticket.ErrGone) {
			t.Errorf("Scan of the empty mount point: %v", err)
		}
	}
	must(t, mount())
	mounted = true
	b.put(t, "two.msrcIncident", invite(2))
	b.scan(t)
	wantPass(t, "mounted again", b.after(t, settle), ticket.Pass{Queued: 1})
}
