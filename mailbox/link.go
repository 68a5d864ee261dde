package mailbox

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-message/charset"
)

// link is one logged-in connection. One goroutine at a time uses it.
type link struct {
	at     Address
	client *imapclient.Client
	wire   *wire
	caps   imap.CapSet
	names  names // how this server writes folder names
	far    bool  // answers take their time
	dead   bool  // not to be used any more

	patience time.Duration
	flying   []*asked
	due      int64  // bytes that they are to bring: whatever is asked next is answered after them
	folder   string // the selected one, as the server writes it
	validity uint32 // its UIDVALIDITY
	selected time.Time
	opening  *opening        // of the watched folder, at the log-in
	ready    map[string]bool // folders known to be there
	made     map[string]bool // folders that nobody is subscribed to yet

	// What the server told of the number of mails in the folder. It decides only
	// whether there is news; the library's own count is not yet set when a
	// SELECT returns.
	exists atomic.Uint32
	known  atomic.Uint32 // as of the last look
	wake   chan struct{} // there is news

	answered time.Duration // how long the server took when it was last asked for news
	told     int           // how often in a row it told of news before it was asked
}

// slowest is the bytes a second below which a line is as good as broken.
const slowest = 16 << 10

// do holds one exchange with the server. It ends when ctx does, when the
// server is silent for too long, or after most and the time for what is due
// before, whatever comes first; the connection is dead then. A server's plain no
// (*imap.Error) leaves it alive.
func (l *link) do(ctx context.Context, most time.Duration, exchange func() error) error {
	if l.dead {
		return &Trouble{Kind: Lost, What: "the connection to " + l.at.Host + " is gone"}
	}
	limited, cancel := context.WithTimeout(ctx, most+time.Duration(l.due/slowest)*time.Second)
	defer cancel()
	stop := context.AfterFunc(limited, func() { l.wire.Close() })
	l.wire.expect(l.patience)
	err := exchange()
	l.wire.rest()
	if !stop() {
		l.dead = true
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w", l.at.Host, ctx.Err())
		}
		return l.silent(limited.Err())
	}
	var no *imap.Error
	if err == nil || errors.As(err, &no) {
		return err
	}
	l.dead = true
	return l.broken(err)
}

func (l *link) silent(err error) error {
	return &Trouble{Kind: Silent, Err: err, What: l.at.Host + " stopped answering"}
}

// broken explains why an exchange failed that was no plain no.
func (l *link) broken(err error) error {
	switch cause := l.wire.cause(); {
	case cause == nil || errors.Is(cause, errAnswer):
		return &Trouble{Kind: Server, Err: errors.Join(errUnreadable, err, cause),
			What: fmt.Sprintf("%s sent something unreadable (%s)", l.at.Host, oneLine(err.Error()))}
	case silent(cause):
		return l.silent(cause)
	default:
		return &Trouble{Kind: Lost, Err: errors.Join(err, cause), What: "the connection to " + l.at.Host + " broke"}
	}
}

// errUnreadable marks answers that ended a healthy connection: the mail asked
// for may be the reason, and then asking for it again will do the same.
var errUnreadable = errors.New("unreadable answer")

// brief is the most that a command may take that moves no mail: a server that
// is never silent for long but never done either is given up in the end.
func (l *link) brief() time.Duration { return 2 * l.patience }

// bulky is the most that a command may take that moves many mails.
func (l *link) bulky() time.Duration { return 10 * l.patience }

// leave logs out if that is quickly done, and closes the connection. From a
// server far away nobody waits for a farewell.
func (l *link) leave() {
	if !l.dead {
		_ = l.do(context.Background(), parting, func() error {
			bye := l.client.Logout()
			if l.far {
				return nil
			}
			return bye.Wait()
		})
	}
	l.close()
}

func (l *link) close() {
	l.hangUp()
	l.client.Close()
	for _, a := range l.flying {
		<-a.ended
	}
}

// hangUp ends the connection without a word.
func (l *link) hangUp() {
	l.dead = true
	l.wire.Close()
}

// library is what go-imap is told: decode what it decodes by every charset,
// and wake us when mail comes.
func (l *link) library() *imapclient.Options {
	return &imapclient.Options{
		WordDecoder: &mime.WordDecoder{CharsetReader: charset.Reader},
		// These run in the library's reader: nothing in them may wait.
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			Mailbox: func(d *imapclient.UnilateralDataMailbox) {
				if d.NumMessages == nil {
					return
				}
				l.exists.Store(*d.NumMessages)
				if *d.NumMessages > l.known.Load() {
					l.news()
				}
			},
			Expunge: func(uint32) {
				less(&l.exists, 1)
				less(&l.known, 1)
			},
		},
	}
}

func less(n *atomic.Uint32, by int) {
	if have := n.Load(); have >= uint32(by) {
		n.Store(have - uint32(by))
	}
}

func (l *link) news() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}
