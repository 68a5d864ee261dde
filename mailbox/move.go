package mailbox

import (
	"context"
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// canMove tells whether mail can be moved without touching other mail. The
// library's own way without MOVE is no way: it expunges even where the copy
// was refused, and without UIDPLUS also what others have marked for deletion.
func (l *link) canMove() bool { return l.caps.Has(imap.CapMove) || l.caps.Has(imap.CapUIDPlus) }

// moveSize is how many mails one command moves.
const moveSize = page

// move puts mails into another folder and answers which have left this one, by
// our hand or somebody else's. A server's no is a warning: the mails stay, and
// stay held.
func (v *mover) move(ctx context.Context, uids []uint32, folder string) (left []uint32, err error) {
	if _, shut := v.closed[folder]; shut {
		return nil, nil
	}
	name := v.link.names.write(folder)
	slices.Sort(uids)
	for some := range slices.Chunk(uids, moveSize) {
		gone, err := v.moveSome(ctx, some, name)
		left = append(left, gone...)
		if err != nil {
			return left, v.stay(folder, err)
		}
	}
	return left, nil
}

// moveSome looks before and after: mails that are gone already are not named
// to the server again, and what it says is checked against what it did.
func (v *mover) moveSome(ctx context.Context, uids []uint32, name string) (left []uint32, err error) {
	there, err := v.link.present(ctx, uids)
	if err != nil {
		return nil, err
	}
	left, here := parted(uids, there)
	if len(here) == 0 {
		return left, nil
	}
	if err := v.link.ensure(ctx, name); err != nil {
		return left, err
	}
	no := v.moveAway(ctx, here, name)
	if v.link.dead {
		return left, no
	}
	if there, err = v.link.present(ctx, here); err != nil {
		return left, err
	}
	gone, still := parted(here, there)
	if len(still) > 0 {
		delete(v.link.ready, name) // it may have been removed
		err = no
	}
	for _, uid := range gone {
		delete(v.copied, v.mark.item(uid))
	}
	return append(left, gone...), err
}

func parted(uids []uint32, there map[uint32]bool) (gone, here []uint32) {
	for _, uid := range uids {
		if there[uid] {
			here = append(here, uid)
		} else {
			gone = append(gone, uid)
		}
	}
	return gone, here
}

// moveAway moves by MOVE (RFC 6851), or copies, waits for the server's yes,
// and only then deletes just these (RFC 4315).
func (v *mover) moveAway(ctx context.Context, uids []uint32, to string) error {
	l := v.link
	if l.caps.Has(imap.CapMove) {
		return l.do(ctx, l.bulky(), func() error {
			_, err := l.client.Move(setOf(uids), to).Wait()
			return err
		})
	}
	if err := v.copyOnce(ctx, uids, to); err != nil {
		return err
	}
	return l.do(ctx, l.bulky(), func() error {
		deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
		if err := l.client.Store(setOf(uids), deleted, nil).Close(); err != nil {
			return err
		}
		expunged, err := l.client.UIDExpunge(setOf(uids)).Collect()
		less(&l.exists, len(expunged))
		return err
	})
}

// copyOnce copies what wasn't copied before: where the server then refuses to
// delete, every further scan would add a copy.
func (v *mover) copyOnce(ctx context.Context, uids []uint32, to string) error {
	var fresh []uint32
	for _, uid := range uids {
		if !v.copied[v.mark.item(uid)] {
			fresh = append(fresh, uid)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	err := v.link.do(ctx, v.link.bulky(), func() error {
		_, err := v.link.client.Copy(setOf(fresh), to).Wait()
		return err
	})
	if err != nil {
		return err
	}
	for _, uid := range fresh {
		v.copied[v.mark.item(uid)] = true
	}
	return nil
}

// ensure makes a folder where it isn't there yet, and subscribes to it so that
// mail clients show it.
func (l *link) ensure(ctx context.Context, name string) error {
	if l.ready[name] {
		return nil
	}
	there, err := l.hasFolder(ctx, name)
	if err != nil {
		return err
	}
	if !there {
		err = l.do(ctx, l.brief(), func() error { return l.client.Create(name, nil).Wait() })
		if err != nil && !already(err) {
			return unmade{err}
		}
		// Not to be subscribed to is no harm.
		_ = l.do(ctx, l.brief(), func() error { return l.client.Subscribe(name).Wait() })
		if l.dead {
			return &Trouble{Kind: Lost, What: "the connection to " + l.at.Host + " broke"}
		}
	}
	l.ready[name] = true
	return nil
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
