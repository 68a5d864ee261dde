package postoffice_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"inviter/demo/postoffice"
)

func TestMailComesOutAsItCameIn(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	texts := []string{
		mail("plain"),
		"no header at all, just text\r\n",
		"Broken header line\r\nSubject: x\r\n\r\nGr\xfc\xdfe \x01\r\n",
		"Subject: dots\r\n\r\n.\r\n..two\r\n",
		mail("big") + strings.Repeat("0123456789abcdef\r\n", 60_000),
	}
	for _, text := range texts {
		send(t, off, text)
	}
	c, data := enter(t, off, "INBOX")
	if int(data.NumMessages) != len(texts) {
		t.Fatalf("%d mails, want %d", data.NumMessages, len(texts))
	}
	got := fetch(t, c, imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{InternalDate: true, BodySection: whole()})
	for i, m := range got {
		if !strings.HasPrefix(m.text, "Return-Path: <jane@example.org>\r\nReceived: ") || !strings.HasSuffix(m.text, "\r\n"+texts[i]) {
			t.Errorf("mail %d came out as %.300q", i, m.text)
		}
		if !m.at.Equal(noon) {
			t.Errorf("mail %d came at %v", i, m.at)
		}
	}
}

func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	c, err := imapclient.DialInsecure(off.IMAP().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, try := range []struct{ name, password string }{{address, "wrong"}, {"root", password}, {"", ""}} {
		if err := c.Login(try.name, try.password).Wait(); err == nil {
			t.Errorf("%q, %q may log in", try.name, try.password)
		}
	}
	if err := c.Login(address, password).Wait(); err == nil {
		t.Error("a connection that guessed three times goes on")
	}
}

func TestAddressesOutsideLoopbackAreRefused(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.org:25", "127.0.0.1"} {
		for _, o := range []postoffice.Options{{IMAP: addr}, {SMTP: addr}} {
			o.Dir, o.Clock = t.TempDir(), time.Now
			if off, err := postoffice.Open(o); err == nil {
				off.Close()
				t.Errorf("opened at %+v", o)
			}
		}
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	off := open(t, dir)
	for _, s := range []string{"a", "b", "c", "d"} {
		send(t, off, mail(s))
	}
	c, before := enter(t, off, "INBOX")
	if err := c.Create("Inviter/Processed", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Move(imap.UIDSetNum(2, 4), "Inviter/Processed").Wait(); err != nil {
		t.Fatal(err)
	}
	if err := c.Store(imap.UIDSetNum(3), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true,
		Flags: []imap.Flag{imap.FlagSeen, "$Looked"}}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	closed(t, off)

	off = open(t, dir)
	if got := subjects(t, off, "INBOX"); got != "1:a 3:c" {
		t.Errorf("INBOX after a restart: %q", got)
	}
	if got := subjects(t, off, "Inviter/Processed"); got != "1:b 2:d" {
		t.Errorf("Processed after a restart: %q", got)
	}
	send(t, off, mail("e"))
	if got := subjects(t, off, "INBOX"); got != "1:a 3:c 5:e" {
		t.Errorf("a new mail after a restart: %q", got)
	}
	c, after := enter(t, off, "INBOX")
	if after.UIDValidity != before.UIDValidity {
		t.Errorf("UIDVALIDITY went from %d to %d", before.UIDValidity, after.UIDValidity)
	}
	m := fetch(t, c, imap.UIDSetNum(3), &imap.FetchOptions{Flags: true, InternalDate: true})
	if len(m) != 1 || len(m[0].flags) != 2 || !m[0].at.Equal(noon) {
		t.Errorf("flags and date after a restart: %+v", m)
	}
}

// A UID is never given twice, even if the mail that had it is gone and the
// office was closed in between.
func TestUIDsAreNotReused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	off := open(t, dir)
	send(t, off, mail("a"))
	send(t, off, mail("b"))
	c, _ := enter(t, off, "INBOX")
	if err := c.Store(imap.UIDSetNum(1, 2), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Expunge().Close(); err != nil {
		t.Fatal(err)
	}
	closed(t, off)
	off = open(t, dir)
	send(t, off, mail("c"))
	if got := subjects(t, off, "INBOX"); got != "3:c" {
		t.Errorf("INBOX: %q, want the third UID", got)
	}
}

// What a crash may leave behind: half a mail, a state that wasn't written, a
// state of another time, files that are none of ours.
func TestStartAfterACrash(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, dir string){
		"half a mail":  func(t *testing.T, dir string) { write(t, filepath.Join(dir, "tmp", "1.eml"), "From: x") },
		"no state":     func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "folders", "INBOX", "folder.json")) },
		"broken state": func(t *testing.T, dir string) { write(t, filepath.Join(dir, "folders", "INBOX", "folder.json"), "{") },
		"old state": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "folders", "INBOX", "folder.json"), `{"uidvalidity":7,"uidnext":1}`)
		},
		"foreign file":   func(t *testing.T, dir string) { write(t, filepath.Join(dir, "folders", "INBOX", "notes.txt"), "x") },
		"foreign folder": func(t *testing.T, dir string) { mkdir(t, filepath.Join(dir, "folders", "..%2fx")) },
		"no uid": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "folders", "INBOX", "0000000000.eml"), "x")
		},
		"huge uid": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "folders", "INBOX", "9999999999.eml"), "x")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			off := open(t, dir)
			send(t, off, mail("a"))
			closed(t, off)
			damage(t, dir)
			off = open(t, dir)
			send(t, off, mail("b"))
			if got := subjects(t, off, "INBOX"); got != "1:a 2:b" {
				t.Errorf("INBOX: %q", got)
			}
			if left, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(left) != 0 {
				t.Errorf("half mails are left: %v, %v", left, err)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}
