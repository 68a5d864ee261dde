package mailbox_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"inviter/e2e/private"
	"inviter/mailbox"
	"inviter/ticket/sourcetest"
)

// await waits for a hint.
func await(t *testing.T, hints <-chan struct{}, why string) {
	t.Helper()
	select {
	case <-hints:
	case <-time.After(patience):
		t.Fatalf("no hint: %s", why)
	}
}

// mode waits until the mailbox is watched that way.
func mode(t *testing.T, m *mailbox.Mailbox, want string) {
	t.Helper()
	for deadline := time.Now().Add(patience); m.Mode() != want; {
		if time.Now().After(deadline) {
			t.Fatalf("mode %q, want %q", m.Mode(), want)
		}
	}
}

func TestNewMailIsHintedAtOnce(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	p := newPerson(t, s.Addr)
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hints := m.Hints(ctx)
	if m.Mode() != mailbox.Polling {
		t.Errorf("mode %q before the first scan", m.Mode())
	}
	scan(t, m, r)
	mode(t, m, mailbox.Idling)
	for i := range 3 {
		p.send("INBOX", letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
		await(t, hints, "mail came")
		if pass := scan(t, m, r); pass.Queued != 1 {
			t.Errorf("scan %d: %+v", i, pass)
		}
		mode(t, m, mailbox.Idling)
	}
	select {
	case <-hints:
		t.Error("a hint without new mail: our own moving woke us")
	case <-time.After(700 * time.Millisecond): // longer than Dovecot gathers news
	}
}

// Scans come whenever they like, and never find an IDLE in their way.
func TestScanInterruptsIdle(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	r := sourcetest.NewRecorder(nil)
	b := open(t, options(t, m.addr), r)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hints := b.Hints(ctx)
	for i := range 100 {
		if i%10 == 0 {
			p.send("INBOX", letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
		}
		scan(t, b, r)
		if i%3 == 0 {
			mode(t, b, mailbox.Idling)
		}
		select {
		case <-hints:
		default:
		}
	}
	if r.Tickets() != 10 {
		t.Errorf("%d tickets, want 10", r.Tickets())
	}
}

func TestSliceEndsInAHint(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	r := sourcetest.NewRecorder(nil)
	o := options(t, m.addr)
	o.Slice = 20 * time.Millisecond
	b := open(t, o, r)
	hints := b.Hints(t.Context())
	for range 3 {
		scan(t, b, r)
		await(t, hints, "the slice is over")
	}
}

func TestLostConnectionIsAHint(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	hints := m.Hints(t.Context())
	scan(t, m, r)
	mode(t, m, mailbox.Idling)
	s.Stop()
	await(t, hints, "the connection broke")
	mode(t, m, mailbox.Polling)
	s.Start(t)
	scan(t, m, r)
	mode(t, m, mailbox.Idling)
}

func TestWithoutIdleItIsPolling(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{Capabilities: "IMAP4rev1 MOVE"})
	p := newPerson(t, s.Addr)
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	m.Hints(t.Context())
	for i := range 3 {
		p.send("INBOX", letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
		if pass := scan(t, m, r); pass.Queued != 1 {
			t.Errorf("scan: %+v", pass)
		}
	}
	if m.Mode() != mailbox.Polling {
		t.Errorf("mode %q", m.Mode())
	}
}

// Hints of a mailbox that nobody ever scans end with their context.
func TestHintsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := mailbox.Open(mailbox.Options{Name: "quiet"}, sourcetest.NewRecorder(nil))
		ctx, cancel := context.WithCancel(t.Context())
		m.Hints(ctx)
		synctest.Wait()
		cancel()
		synctest.Wait()
		must(t, m.Close())
	})
}

// A program that ends doesn't wait for a server that says nothing more.
func TestEndingWithASilentServer(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	ctx, cancel := context.WithCancel(t.Context())
	m.Hints(ctx)
	scan(t, m, r)
	mode(t, m, mailbox.Idling)
	s.Pause()
	defer s.Resume()
	begin := time.Now()
	cancel()
	must(t, m.Close())
	if took := time.Since(begin); took > 8*time.Second {
		t.Errorf("it took %v to end", took)
	}
}
