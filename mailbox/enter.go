package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// opening is what became of an attempt to open the watched folder.
type opening struct {
	got *imap.SelectData
	err error // a plain no
}

// questions are asked together once we are logged in, for on a long line it is
// the answers waited for that cost.
type questions struct {
	caps     *imapclient.CapabilityCommand
	spaces   *imapclient.NamespaceCommand // nil where it isn't known to be understood
	selected *imapclient.SelectCommand    // nil where it isn't wanted
}

func (l *link) asking(enter bool) (q questions) {
	// Whoever knew NAMESPACE before the log-in knows it now. For the rest, Caps
	// may still answer what was true before.
	spaced := l.client.Caps().Has(imap.CapNamespace)
	q.caps = l.client.Capability()
	if spaced {
		q.spaces = l.client.Namespace()
	}
	if enter && (names{}).write(l.at.Folder) == inbox {
		q.selected = l.client.Select(inbox, nil)
	}
	return q
}

// learn asks what the server can do now, how it writes folder names, and with
// enter has it open the inbox, if that is what is watched.
func (l *link) learn(ctx context.Context, enter bool) error {
	var q questions
	err := l.do(ctx, l.brief(), func() error {
		q = l.asking(enter)
		begin := time.Now()
		caps, no := q.caps.Wait()
		l.far = l.far && time.Since(begin) >= farAway
		if broke(no) {
			return no
		}
		l.caps = caps.Copy()
		if err := l.further(q); broke(err) {
			return err
		}
		return no
	})
	if err != nil {
		return l.at.refused("tell what it can do", err)
	}
	if q.spaces == nil {
		l.names, err = l.askNames(ctx)
	}
	return err
}

// further takes the answers to all but the first question.
func (l *link) further(q questions) (err error) {
	if q.spaces != nil {
		if l.names, err = namesIn(q.spaces); broke(err) {
			return err
		}
	}
	if q.selected == nil {
		return nil
	}
	l.opening = &opening{}
	l.opening.got, l.opening.err = q.selected.Wait()
	l.exists.Store(l.opening.got.NumMessages)
	return l.opening.err
}

// broke is true of a fault that is no server's plain no.
func broke(err error) bool { return err != nil && !isNo(err) }

// selectFolder opens the watched folder, and notes its UIDVALIDITY: while it
// stays selected, a UID means the same mail (RFC 9051 section 2.3.1.1).
func (l *link) selectFolder(ctx context.Context) error {
	folder := l.names.write(l.at.Folder)
	o := l.opening
	if l.opening = nil; o == nil {
		o = &opening{}
		o.err = l.do(ctx, l.brief(), func() (err error) {
			if o.got, err = l.client.Select(folder, nil).Wait(); err == nil {
				l.exists.Store(o.got.NumMessages)
			}
			return err
		})
	}
	got := o.got
	if o.err != nil {
		return l.noFolder(o.err)
	}
	if got.UIDValidity == 0 {
		return &Trouble{Kind: Server, What: l.at.Host + " gives the mails of " + l.at.Folder + " no lasting numbers (UIDVALIDITY)"}
	}
	l.folder, l.validity = folder, got.UIDValidity
	return nil
}

// noFolder explains why the folder can't be opened. That it is gone is only
// true where the server doesn't blame itself.
func (l *link) noFolder(err error) error {
	var t *Trouble
	var no *imap.Error
	why := l.at.refused("open "+l.at.Folder, err)
	if !errors.As(err, &no) || !errors.As(why, &t) {
		return why
	}
	switch no.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeServerBug, imap.ResponseCodeInUse, imap.ResponseCodeLimit,
		imap.ResponseCodeContactAdmin, imap.ResponseCodeCorruption:
		return t
	}
	t.Kind = Folder
	t.Do = fmt.Sprintf("check the folder in the configuration, and that %s may read it", l.at.User)
	return t
}
