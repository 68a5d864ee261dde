package mailbox

import (
	"context"
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// locate sees whether a folder is there, unless that is known.
func (l *link) locate(ctx context.Context, name string) error {
	if l.ready[name] {
		return nil
	}
	there, err := l.hasFolder(ctx, name)
	l.ready[name] = there
	return err
}

// ensure makes a folder that was not located.
func (l *link) ensure(ctx context.Context, name string) error {
	if l.ready[name] {
		return nil
	}
	err := l.do(ctx, l.brief(), func() error { return l.client.Create(name, nil).Wait() })
	switch {
	case l.dead:
		return err
	case err != nil && !already(err):
		return unmade{err}
	}
	l.ready[name], l.made[name] = true, true
	return nil
}

// subscribe subscribes to a folder that was just made, so that mail clients
// show it. It goes out before the command that comes next, within its exchange,
// and is waited for after it. Not to be subscribed to is no harm.
func (l *link) subscribe(name string) (wait func() error) {
	if !l.made[name] {
		return func() error { return nil }
	}
	delete(l.made, name)
	cmd := l.client.Subscribe(name)
	return func() error {
		if err := cmd.Wait(); broke(err) {
			return err
		}
		return nil
	}
}

// hasFolder asks by LIST, which says nothing of a folder that isn't there.
func (l *link) hasFolder(ctx context.Context, name string) (there bool, err error) {
	err = l.do(ctx, l.brief(), func() error {
		list, err := l.client.List("", name, nil).Collect()
		for _, f := range list {
			gone := slices.Contains(f.Attrs, imap.MailboxAttrNonExistent) || slices.Contains(f.Attrs, imap.MailboxAttrNoSelect)
			there = there || f.Mailbox == name && !gone
		}
		return err
	})
	return there, err
}

func already(err error) bool {
	var no *imap.Error
	return errors.As(err, &no) && no.Code == imap.ResponseCodeAlreadyExists
}
