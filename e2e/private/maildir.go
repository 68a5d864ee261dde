package private

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Deliver puts mails into an account's INBOX as a delivery agent does, without
// IMAP: by files in the Maildir.
func (s *Mailserver) Deliver(t testing.TB, account string, mails ...[]byte) {
	t.Helper()
	box, owner := s.maildir(t, account)
	for _, mail := range mails {
		name := fmt.Sprintf("%d.%06d.inviter", time.Now().Unix(), delivered.Add(1))
		tmp := filepath.Join(box, "tmp", name)
		if err := os.WriteFile(tmp, mail, 0o600); err != nil {
			t.Fatal(err)
		}
		own(t, tmp, owner)
		if err := os.Rename(tmp, filepath.Join(box, "new", name)); err != nil {
			t.Fatal(err)
		}
	}
}

// delivered numbers the files of all Maildirs of this process.
var delivered atomic.Int64

func own(t testing.TB, path string, as os.FileInfo) {
	t.Helper()
	st := as.Sys().(*syscall.Stat_t)
	if err := os.Chown(path, int(st.Uid), int(st.Gid)); err != nil {
		t.Fatal(err)
	}
}

// Fill is so many copies of a mail, with the flags that Maildir writes in
// letters (S seen, R answered, F flagged).
type Fill struct {
	Mail   []byte
	Number int
	Flags  string
}

// mostLinks is how many names a file may have on the file systems there are.
const mostLinks = 10_000

// Fill puts mails that somebody has read into an account's INBOX, many of them
// fast: copies are one file under many names.
func (s *Mailserver) Fill(t testing.TB, account string, f Fill) {
	t.Helper()
	box, owner := s.maildir(t, account)
	for i, first := 0, ""; i < f.Number; i++ {
		name := filepath.Join(box, "cur", fmt.Sprintf("%d.%06d.inviter:2,%s", time.Now().Unix(), delivered.Add(1), f.Flags))
		if i%mostLinks != 0 {
			if err := os.Link(first, name); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(name, f.Mail, 0o600); err != nil {
			t.Fatal(err)
		}
		own(t, name, owner)
		first = name
	}
}

// maildir makes an account's INBOX where it isn't there yet, and tells who owns
// what is in it.
func (s *Mailserver) maildir(t testing.TB, account string) (box string, owner os.FileInfo) {
	t.Helper()
	owner, err := os.Stat(filepath.Join(s.Dir, "mail"))
	if err != nil {
		t.Fatal(err)
	}
	box = filepath.Join(s.Dir, "mail", account)
	for _, dir := range []string{box, filepath.Join(box, "tmp"), filepath.Join(box, "cur"), filepath.Join(box, "new")} {
		if err := os.Mkdir(dir, 0o700); err == nil {
			own(t, dir, owner)
		}
	}
	return box, owner
}
