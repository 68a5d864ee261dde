package postoffice_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"inviter/demo/postoffice"
)

func TestOnlyTheHelpdeskGetsMail(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	c := dial(t, off.SMTP())
	c.say(250, "EHLO x")
	c.say(250, "MAIL FROM:<>")
	c.say(550, "RCPT TO:<victim@example.com>")
	c.say(250, "RCPT TO:<HELP@Example.Org>")
	c.say(354, "DATA")
	c.say(250, "Subject: x\r\n\r\nx\r\n.")
	if got := subjects(t, off, "INBOX"); got != "1:x" {
		t.Errorf("INBOX: %s", got)
	}
}

// talk is a raw connection.
type talk struct {
	*textproto.Conn
	t *testing.T
}

func dial(t *testing.T, addr net.Addr) talk {
	t.Helper()
	conn, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := talk{textproto.NewConn(conn), t}
	if _, err := c.ReadLine(); err != nil {
		t.Fatalf("greeting: %v", err)
	}
	return c
}

func (c talk) say(want int, line string) {
	c.t.Helper()
	if err := c.PrintfLine("%s", line); err != nil {
		c.t.Fatalf("say %.40q: %v", line, err)
	}
	if _, text, err := c.ReadResponse(want); err != nil {
		c.t.Fatalf("%.40q: %v %s", line, err, text)
	}
}

func TestBadMailIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	off := open(t, dir)
	for name, text := range map[string]string{
		"huge":  mail("huge") + strings.Repeat(strings.Repeat("x", 70)+"\r\n", postoffice.MaxMail/72+1),
		"deep":  mail("deep") + strings.Repeat("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 1000),
		"mails": mail("mails") + strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 1000),
		"wide":  "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\n", 10_000),
	} {
		var e *textproto.Error
		if err := trySend(off, text); !errors.As(err, &e) || e.Code/100 != 5 {
			t.Errorf("%s: %v, want a refusal for good", name, err)
		}
	}
	if got := subjects(t, off, "INBOX"); got != "" {
		t.Errorf("INBOX: %s", got)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(left) != 0 {
		t.Errorf("half mails are left: %v, %v", left, err)
	}
}

// Mails whose structure no IMAP answer can tell as it is must not stop others
// from being read.
func TestOddMailsCanBeFetched(t *testing.T) {
	t.Parallel()
	logged := &lines{}
	off, err := postoffice.Open(postoffice.Options{Dir: t.TempDir(), Address: address, Password: password,
		Clock: time.Now, Log: slog.New(slog.NewTextHandler(logged, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, off)
	texts := []string{
		"Content-Type: multipart/mixed; boundary=b\r\n\r\nno part\r\n",
		"Content-Type: multipart/mixed\r\n\r\n--\r\n",
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n--b--\r\n",
		"Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
		"Content-Type: \xff\xfe/\x01; a=\"\r\n\r\nx\r\n",
		"Subject: =?utf-8?q?a=0D=0A=00b?=\r\nFrom: \xff <@>\r\nDate: never\r\n\r\nx\r\n",
		": \r\n\r\n", "\r\n", "x", "\x00\x00\r\n",
		mail("last"),
	}
	for _, text := range texts {
		send(t, off, text)
	}
	c, _ := enter(t, off, "INBOX")
	got := fetch(t, c, imap.UIDSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{Envelope: true, RFC822Size: true,
		BodyStructure: &imap.FetchItemBodyStructure{Extended: true}, BodySection: []*imap.FetchItemBodySection{
			{Peek: true}, {Peek: true, Part: []int{1}}, {Peek: true, Part: []int{2, 7}}, {Peek: true, Specifier: imap.PartSpecifierHeader},
		}})
	if len(got) != len(texts) {
		t.Errorf("%d of %d mails came\n%s", len(got), len(texts), logged)
	}
	if strings.Contains(logged.String(), "panic") {
		t.Error(logged)
	}
}

func TestPartOfAMail(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	send(t, off, mail("a"))
	c, _ := enter(t, off, "INBOX")
	for _, k := range []struct {
		offset, size int64
		want         string
	}{{0, 11, "Return-Path"}, {7, 4, "Path"}, {1 << 20, 5, ""}, {0, 1 << 40, "Return-Path"}, {5, 0, ""}} {
		m := fetch(t, c, imap.UIDSetNum(1), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{
			{Peek: true, Partial: &imap.SectionPartial{Offset: k.offset, Size: k.size}}}})
		if len(m) != 1 || !strings.HasPrefix(m[0].text, k.want) || len(m[0].text) > 500 {
			t.Errorf("<%d.%d>: %.200q", k.offset, k.size, fmt.Sprint(m))
		}
	}
}

// A client that asks for much and reads nothing delays nobody else.
func TestSlowClientDelaysNobody(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	big := mail("big") + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 100_000)
	send(t, off, big)
	slow := dial(t, off.IMAP())
	for _, line := range []string{`a LOGIN "` + address + `" "` + password + `"`, "b SELECT INBOX", "c FETCH 1 (BODY.PEEK[] RFC822.SIZE)"} {
		if err := slow.PrintfLine("%s", line); err != nil {
			t.Fatal(err)
		}
	}
	for {
		line, err := slow.ReadLine() // up to the mail, and not further
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, "* 1 FETCH") {
			break
		}
	}
	send(t, off, mail("meanwhile"))
	if got := subjects(t, off, "INBOX"); got != "1:big 2:meanwhile" {
		t.Errorf("INBOX: %s", got)
	}
	create(t, login(t, off, nil), "Done")
}

// A sender that stops in the middle holds up nobody, and leaves nothing.
func TestHalfAMailIsNoMail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	off := open(t, dir)
	c := dial(t, off.SMTP())
	c.say(250, "HELO x")
	c.say(250, "MAIL FROM:<a@b>")
	c.say(250, "RCPT TO:<"+address+">")
	c.say(354, "DATA")
	if err := c.PrintfLine("Subject: half\r\n\r\nxxx"); err != nil {
		t.Fatal(err)
	}
	send(t, off, mail("whole"))
	c.Close()
	closed(t, off)
	if left, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(left) != 0 {
		t.Errorf("half mails are left: %v, %v", left, err)
	}
	if got := subjects(t, open(t, dir), "INBOX"); got != "1:whole" {
		t.Errorf("INBOX: %s", got)
	}
}

func TestTooManyConnections(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	for _, addr := range []net.Addr{off.SMTP(), off.IMAP()} {
		inside := make([]talk, 64)
		for i := range inside {
			inside[i] = dial(t, addr)
		}
		conn, err := net.Dial("tcp", addr.String())
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(patience))
		if b, err := io.ReadAll(conn); len(b) != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("connection 65 at %v: %q, %v, want it closed", addr, b, err)
		}
		conn.Close()
		for _, c := range inside {
			c.Close()
		}
	}
	deadline := time.Now().Add(patience) // the doors notice after a moment
	for trySend(off, mail("later")) != nil {
		if time.Now().After(deadline) {
			t.Fatal("nobody is let in although everybody left")
		}
	}
}

func TestGarbageOnTheWire(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	long := strings.Repeat("x", 1<<20)
	for _, addr := range []net.Addr{off.SMTP(), off.IMAP()} {
		for _, junk := range []string{"\x00\xff\r\n", long, "GET / HTTP/1.1\r\n\r\n", "a LOGIN {99999999999}\r\n",
			"a UID FETCH $ (\r\n", "a AUTHENTICATE PLAIN\r\n" + long + "\r\n", "BDAT 99999999999\r\n", "\r\n\r\n"} {
			conn, err := net.Dial("tcp", addr.String())
			if err != nil {
				t.Fatal(err)
			}
			conn.SetDeadline(time.Now().Add(patience))
			fmt.Fprint(conn, junk)
			conn.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, conn)
			conn.Close()
		}
	}
	send(t, off, mail("after"))
	if got := subjects(t, off, "INBOX"); got != "1:after" {
		t.Errorf("INBOX: %s", got)
	}
}

// SMTP senders may say anything of themselves; it stays on its line.
func TestTraceCannotBeForged(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	c := dial(t, off.SMTP())
	c.say(250, "EHLO x\tX-Forged:1\x0bY")
	c.say(250, "MAIL FROM:<a@b>")
	c.say(250, "RCPT TO:<"+address+">")
	c.say(354, "DATA")
	c.say(250, "Subject: s\r\n\r\nx\r\n.")
	in, _ := enter(t, off, "INBOX")
	m := fetch(t, in, imap.UIDSetNum(1), &imap.FetchOptions{BodySection: whole()})
	header, err := textproto.NewReader(bufio.NewReader(bytes.NewReader([]byte(m[0].text)))).ReadMIMEHeader()
	if err != nil || len(header) != 3 {
		t.Errorf("header %v, %v", header, err)
	}
}
