package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// canMove tells whether mail can be moved without touching other mail. The
// library's own way without MOVE is no way: it expunges even where the copy
// was refused, and without UIDPLUS also what others have marked for deletion.
func (l *link) canMove() bool { return l.caps.Has(imap.CapMove) || l.caps.Has(imap.CapUIDPlus) }

// moveSize is how many mails one command moves.
const moveSize = 500

// move puts mails into another folder and answers which have left this one, by
// our hand or somebody else's. A server's no is a warning: the mails stay, and
// stay held.
func (s *scan) move(ctx context.Context, uids []uint32, folder string) (left []uint32, err error) {
	name := s.link.names.write(folder)
	if name == s.link.folder {
		s.warn(fmt.Sprintf("mails stay where they are: %s is the watched folder itself", folder))
		return uids, nil
	}
	slices.Sort(uids)
	for some := range slices.Chunk(uids, moveSize) {
		if err := s.link.ensure(ctx, name); err != nil {
			return left, s.stay(folder, err)
		}
		err := s.link.moveAway(ctx, setOf(some), name)
		if s.link.dead {
			return left, err
		}
		there, again := s.link.present(ctx, some)
		if again != nil {
			return left, again
		}
		for _, uid := range some {
			if !there[uid] {
				left = append(left, uid)
			}
		}
		if err != nil && len(there) > 0 {
			delete(s.link.ready, name)
			return left, s.stay(folder, err)
		}
	}
	return left, nil
}

// stay turns a server's no into a warning.
func (s *scan) stay(folder string, err error) error {
	var no *imap.Error
	if s.link.dead || !errors.As(err, &no) {
		return err
	}
	s.warn(fmt.Sprintf("mails stay where they are: %s can't move them to %s (%s)", s.at.Host, folder, said(no)))
	s.log.Warn("mail not moved", "folder", folder, "error", said(no))
	return nil
}

// moveAway moves by MOVE (RFC 6851), or copies, waits for the server's yes,
// and only then deletes just these (RFC 4315).
func (l *link) moveAway(ctx context.Context, set imap.UIDSet, to string) error {
	if l.caps.Has(imap.CapMove) {
		return l.do(ctx, bulky, func() error {
			_, err := l.client.Move(set, to).Wait()
			return err
		})
	}
	err := l.do(ctx, bulky, func() error {
		_, err := l.client.Copy(set, to).Wait()
		return err
	})
	if err != nil {
		return err
	}
	return l.do(ctx, bulky, func() error {
		deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
		if err := l.client.Store(set, deleted, nil).Close(); err != nil {
			return err
		}
		return l.client.UIDExpunge(set).Close()
	})
}

// bulky is the most that a command may take that moves many mails.
const bulky = 10 * time.Minute

// ensure makes a folder where it isn't there yet, and subscribes to it so that
// mail clients show it.
func (l *link) ensure(ctx context.Context, name string) error {
	if l.ready[name] {
		return nil
	}
	there, err := l.exists(ctx, name)
	if err != nil {
		return err
	}
	if !there {
		err = l.do(ctx, brief, func() error { return l.client.Create(name, nil).Wait() })
		if err != nil && !already(err) {
			return err
		}
		// Not to be subscribed to is no harm.
		_ = l.do(ctx, brief, func() error { return l.client.Subscribe(name).Wait() })
		if l.dead {
			return &Trouble{Kind: Lost, What: "the connection to " + l.at.Host + " broke"}
		}
	}
	l.ready[name] = true
	return nil
}

// exists asks by LIST, which says nothing of a folder that isn't there.
func (l *link) exists(ctx context.Context, name string) (there bool, err error) {
	err = l.do(ctx, brief, func() error {
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
