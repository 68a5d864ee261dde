package mailbox

import (
	"context"
	"errors"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Hints tells when the server says that mail has come (IDLE, RFC 2177), on the
// connection that the last scan left. It never sends a command while a scan
// runs, and a scan that begins has it stop first. The goroutine and with it
// the use of the channel end with ctx.
func (m *Mailbox) Hints(ctx context.Context) <-chan struct{} {
	hints := make(chan struct{}, 1)
	go func() {
		defer m.mode.Store(Polling)
		for ctx.Err() == nil {
			m.listen(ctx, hints)
		}
	}()
	return hints
}

// listen idles once, if there is a connection for it, and then gives a hint:
// because of news, because a slice is over, or because the connection is.
// After that it waits for a scan to have looked.
func (m *Mailbox) listen(ctx context.Context, hints chan<- struct{}) {
	select {
	case <-m.turn:
	case <-ctx.Done():
		return
	}
	idled, knocked := m.idle(ctx)
	m.turn <- struct{}{}
	next := m.scanned
	switch {
	case knocked != nil:
		next = knocked // who wants the turn has it first
	case idled:
		select {
		case hints <- struct{}{}:
		default:
		}
	}
	select {
	case <-next:
	case <-ctx.Done():
	}
}

// idle is false where there is no connection that could. knocked is by whom it
// was interrupted, nil by nobody.
func (m *Mailbox) idle(ctx context.Context) (idled bool, knocked chan struct{}) {
	if m.link == nil || m.link.dead || !m.link.caps.Has(imap.CapIdle) {
		m.mode.Store(Polling)
		return false, nil
	}
	m.mode.Store(Idling)
	idled, knocked = m.link.idle(ctx, m.options.Slice, m.knock)
	if !idled || m.link.dead {
		m.mode.Store(Polling)
	}
	if m.link.dead {
		m.drop()
	}
	return idled, knocked
}

// How soon a server must confirm the end of IDLE: somebody is waiting for the
// connection, or for the program to end. Nothing is lost if it doesn't.
const (
	prompt  = 10 * time.Second
	parting = 2 * time.Second
)

// idle waits for news, for so long or until somebody knocks. Its start and its
// end have deadlines like any command; in between, silence is what is hoped for.
func (l *link) idle(ctx context.Context, slice time.Duration, knock <-chan chan struct{}) (idled bool, knocked chan struct{}) {
	var stop func() error
	err := l.do(ctx, l.brief(), func() error {
		idle, err := l.client.Idle()
		if err == nil {
			stop = func() error { return errors.Join(idle.Close(), idle.Wait()) }
		}
		return err
	})
	if err != nil {
		if !l.dead { // the server claims to know IDLE, but refuses it
			delete(l.caps, imap.CapIdle)
		}
		return l.dead, nil
	}
	timer := time.NewTimer(slice)
	defer timer.Stop()
	select {
	case <-l.wake:
	case <-timer.C:
	case <-l.client.Closed():
	case <-ctx.Done():
	case knocked = <-knock:
	}
	within := min(prompt, l.patience)
	if ctx.Err() != nil {
		within = parting
	}
	_ = l.do(context.WithoutCancel(ctx), within, stop) // whoever comes next sees whether it failed
	return true, knocked
}
