package mailbox

import (
	"context"
	"time"
)

const (
	// asksEvery is how long a server that is being listened to is left alone
	// before it is asked, while somebody looks at the queue.
	asksEvery = 250 * time.Millisecond
	// asksShare of the time at the most goes by with asking: a server that takes
	// 100 ms for its answer is asked once a second.
	asksShare = 10
	// toldOften in a row by the server itself, and it is not asked any more.
	toldOften = 5
)

// Attend says that somebody looks at the queue, and will until then; a time in
// the past says that nobody does. As long as that lasts, a server that is being
// listened to is asked for news as well (NOOP, RFC 3501 section 6.1.2), for there
// are servers that gather what they tell of (Dovecot for half a second). One
// that proves to tell of mail at once is just listened to.
func (m *Mailbox) Attend(until time.Time) {
	m.until.Store(until.UnixMilli())
	select {
	case m.call <- struct{}{}:
	default:
	}
}

func (m *Mailbox) attended() bool {
	return m.options.Clock().UnixMilli() < m.until.Load()
}

// attentive idles for one slice. While somebody looks at the queue that is
// broken off for a question now and then.
func (m *Mailbox) attentive(ctx context.Context) (why ending, knocked chan struct{}) {
	l, end := m.link, time.Now().Add(m.options.Slice)
	for {
		left, asks := time.Until(end), m.attended() && l.told < toldOften
		if asks {
			left = min(left, max(asksEvery, asksShare*l.answered))
		}
		why, knocked = l.idle(ctx, left, ears{m.knock, m.call})
		switch {
		case why == news && asks:
			l.told++
			return news, nil
		case why == called:
			continue
		case why != over || !asks || l.dead || ctx.Err() != nil || !time.Now().Before(end):
			return why, knocked
		case l.ask(ctx):
			l.told = 0
			return news, nil
		case l.dead:
			return over, nil
		}
	}
}

// ask has the server tell now whether mail has come.
func (l *link) ask(ctx context.Context) bool {
	began := time.Now()
	_ = l.do(ctx, min(prompt, l.patience), func() error { return l.client.Noop().Wait() })
	l.answered = time.Since(began)
	select {
	case <-l.wake:
		return true
	default:
		return false
	}
}
