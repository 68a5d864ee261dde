package e2e_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"inviter/e2e/private"
)

// smallDisk is a folder on a disk of its own with so much room.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := private.Folder(t)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		private.Missing(t, fmt.Sprintf("the right to mount a small disk (%v)", err))
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill uses the disk up to its last block, and returns what frees it again.
func fill(t *testing.T, dir string) (release func()) {
	t.Helper()
	name := filepath.Join(dir, "fill")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() { _ = os.Remove(name) }
}

// The disk is full: that refuses nobody and loses nothing. It is said, mail
// stays where it is, and when there is room again everything becomes a ticket
// without a restart.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "16m")
	mail := private.Dovecot(t, private.DovecotOptions{})
	h := newHelpdesk(t, mailboxAt(mail.URL("help", "INBOX"), ""))
	text, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	h.write("inviter.toml", strings.Replace(string(text), filepath.Join(h.dir, "data"), filepath.Join(disk, "data"), 1))
	h.serve()
	ada := h.technician("ada", "technician")
	mail.Deliver(t, "help", mailWith("ann@example.org", "before", invite(1, "ann").RA2()))
	ada.appear(1, "waiting")
	release := fill(t, disk)
	// The journal has room of its own, how much depends on when it was last moved
	// into the database: more mail comes until it is used up.
	many := 0
	for full := false; !full; {
		for range 40 {
			mail.Deliver(t, "help", mailWith(fmt.Sprintf("user%d@example.org", many), "meanwhile", invite(int64(10+many), "").RA2()))
			many++
		}
		eventually(t, "all that fits is in, and a full disk is said", func() error {
			err := h.answers("/readyz", 503)(t.Context())
			full = err == nil
			if len(ada.tickets(everyState)) == 1+many {
				return nil
			}
			return err
		})
	}
	if moved, known := folder(t, mail, "Inviter/Processed"), len(ada.tickets(everyState)); moved > known {
		t.Errorf("%d mails were moved, %d tickets are there", moved, known)
	}
	release()
	ada.appear(1+many, "waiting")
	eventually(t, "all let go", func() error {
		if n := folder(t, mail, "INBOX"); n != 0 {
			return fmt.Errorf("%d in the box", n)
		}
		return h.answers("/readyz", 200)(t.Context())
	})
	if n := len(ada.tickets(everyState)); n != 1+many {
		t.Errorf("%d tickets", n)
	}
	h.must("inviter", "verify")
}
