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
	why, knocked := m.idle(ctx)
	m.turn <- struct{}{}
	next := m.scanned
	switch why {
	case interrupted:
		next = knocked // who wants the turn has it first
	case refused:
	default:
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

// idle waits for a slice at the most. It is refused where there is no
// connection that could; knocked is by whom it was interrupted.
func (m *Mailbox) idle(ctx context.Context) (why ending, knocked chan struct{}) {
	if m.link == nil || m.link.dead || !m.link.caps.Has(imap.CapIdle) {
		m.mode.Store(Polling)
		return refused, nil
	}
	m.mode.Store(Idling)
	why, knocked = m.attentive(ctx)
	if why == refused || m.link.dead {
		m.mode.Store(Polling)
	}
	if m.link.dead {
		m.drop()
	}
	return why, knocked
}

// How soon a server must confirm the end of IDLE: somebody is waiting for the
// connection, or for the program to end. Nothing is lost if it doesn't.
const (
	prompt  = 10 * time.Second
	parting = 2 * time.Second
)

// ending is why an IDLE ended.
type ending int

const (
	over        ending = iota // as long as it should, or the connection is gone, or the program ends
	refused                   // the server knows it by name only
	news                      // mail has come
	called                    // whether somebody looks at the queue may have changed
	interrupted               // somebody wants the connection
)

// ears are what may end an IDLE besides the server.
type ears struct {
	knock chan chan struct{} // see Mailbox
	call  chan struct{}
}

// idle waits for news, for so long or until somebody knocks. Its start and its
// end have deadlines like any command; in between, silence is what is hoped for.
func (l *link) idle(ctx context.Context, slice time.Duration, hear ears) (why ending, knocked chan struct{}) {
	var stop func() error
	err := l.do(ctx, l.brief(), func() error {
		idle, err := l.client.Idle()
		if err == nil {
			stop = func() error { return errors.Join(idle.Close(), idle.Wait()) }
		}
		return err
	})
	if err != nil && l.dead {
		return over, nil
	}
	if err != nil { // the server claims to know IDLE, but refuses it
		delete(l.caps, imap.CapIdle)
		return refused, nil
	}
	timer := time.NewTimer(slice)
	defer timer.Stop()
	select {
	case <-l.wake:
		why = news
	case <-timer.C:
	case <-l.client.Closed():
	case <-ctx.Done():
	case <-hear.call:
		why = called
	case knocked = <-hear.knock:
		why = interrupted
	}
	within := min(prompt, l.patience)
	if ctx.Err() != nil {
		within = parting
	}
	_ = l.do(context.WithoutCancel(ctx), within, stop) // whoever comes next sees whether it failed
	return why, knocked
}
