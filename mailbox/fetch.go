package mailbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// message is what one FETCH brought of one mail.
type message struct {
	uid       uint32
	size      int64
	at        time.Time
	structure imap.BodyStructure
	sections  []section
}

// section is one piece of a mail's body.
type section struct {
	what *imap.FetchItemBodySection
	bare bool // decoded by the server
	body []byte
}

// wanted is what one FETCH is to bring.
type wanted struct {
	set   imap.UIDSet
	items *imap.FetchOptions
	bytes int64 // of content expected, which decide how long it may take
}

// asked is a FETCH under way. A goroutine of its own takes what comes: where
// two are under way, a server may begin to answer the second before the first
// is done, and the library reads nothing further while a literal is not taken.
// So no two of them may be for the same mail, for which it would mix them up.
type asked struct {
	link  *link
	bytes int64
	left  time.Duration // that may be spent waiting
	ended chan struct{}
	err   error // once ended
}

// askFor sends a FETCH, and hands on each mail when all of it has come, in
// another goroutine. Nothing may touch what each touches before the end was
// waited for.
func (l *link) askFor(ctx context.Context, w wanted, each func(*message)) (*asked, error) {
	a := &asked{link: l, bytes: w.bytes, left: 5 * l.patience, ended: make(chan struct{})}
	sent := false
	err := l.do(ctx, l.brief(), func() error {
		cmd := l.client.Fetch(w.set, w.items)
		sent = true
		go func() {
			defer close(a.ended)
			a.err = l.gather(cmd, each)
		}()
		return nil
	})
	if err != nil {
		if sent {
			a.hangUp()
		}
		return nil, err
	}
	l.flying, l.due = append(l.flying, a), l.due+a.bytes
	return a, nil
}

// wait waits for the end, or only until there is enough. After an error, what
// was handed on is complete, but there may be more.
func (a *asked) wait(ctx context.Context, enough <-chan struct{}) (over bool, err error) {
	select {
	case <-enough:
		return false, nil // however long it took somebody to ask
	default:
	}
	begin := time.Now()
	err = a.link.do(ctx, a.left, func() error {
		select {
		case <-enough:
			return nil
		case <-a.ended:
			over = true
			return a.err
		}
	})
	a.left -= time.Since(begin)
	if a.link.dead {
		a.hangUp()
		over = true
	}
	if over {
		a.land()
	}
	return over, err
}

func (a *asked) land() {
	l := a.link
	if i := slices.Index(l.flying, a); i >= 0 {
		l.flying, l.due = slices.Delete(l.flying, i, i+1), l.due-a.bytes
	}
}

// hangUp ends the connection, and with it the FETCH.
func (a *asked) hangUp() {
	a.link.hangUp()
	<-a.ended
}

// fetch holds one FETCH from its beginning to its end.
func (l *link) fetch(ctx context.Context, w wanted, each func(*message)) error {
	a, err := l.askFor(ctx, w, each)
	if err != nil {
		return err
	}
	_, err = a.wait(ctx, nil)
	return err
}

func (l *link) gather(cmd *imapclient.FetchCommand, each func(*message)) error {
	last, err := l.stream(cmd, each)
	if err != nil {
		// A literal broke off. To drain the rest, as is needed otherwise,
		// would be to read beside the library's reader.
		l.wire.Close()
		<-l.client.Closed()
		return err
	}
	err = cmd.Close()
	if last != nil && (err == nil || isNo(err)) {
		each(last)
	}
	return err
}

// stream hands on all mails but the last, which is whole only if the FETCH
// ended well: the library also passes on one that was cut off.
func (l *link) stream(cmd *imapclient.FetchCommand, each func(*message)) (last *message, err error) {
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		if last != nil {
			each(last)
		}
		if last, err = collect(msg, l.wire.most); err != nil {
			return nil, err
		}
		if last.uid == 0 {
			last = nil
		}
	}
	return last, nil
}

func isNo(err error) bool {
	var no *imap.Error
	return errors.As(err, &no)
}

func collect(msg *imapclient.FetchMessageData, most int64) (*message, error) {
	got := &message{}
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			got.uid = uint32(item.UID)
		case imapclient.FetchItemDataRFC822Size:
			got.size = item.Size
		case imapclient.FetchItemDataInternalDate:
			got.at = item.Time
		case imapclient.FetchItemDataBodyStructure:
			got.structure = item.BodyStructure
		case imapclient.FetchItemDataBodySection:
			body, err := readAll(item.Literal, most)
			if err != nil {
				return nil, err
			}
			got.sections = append(got.sections, section{what: item.Section, body: body})
		case imapclient.FetchItemDataBinarySection:
			body, err := readAll(item.Literal, most)
			if err != nil {
				return nil, err
			}
			got.sections = append(got.sections, section{what: &imap.FetchItemBodySection{Part: item.Section.Part}, bare: true, body: body})
		}
	}
	return got, nil
}
