package mailbox

import (
	"cmp"
	"context"
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

// moveSome looks before: mails that are gone already are not named to the
// server again. And unless the server names all that it moved, it looks after,
// too: what it says is checked against what it did.
func (v *mover) moveSome(ctx context.Context, uids []uint32, name string) (left []uint32, err error) {
	there, err := v.survey(ctx, uids, name)
	if there == nil {
		return nil, err
	}
	left, here := parted(uids, there)
	if len(here) == 0 {
		return left, nil
	}
	if err == nil {
		err = v.link.ensure(ctx, name)
	}
	if err != nil {
		return left, err
	}
	gone, no := v.moveAway(ctx, here, name)
	if v.link.dead {
		return left, no
	}
	if len(gone) < len(here) {
		if there, err = v.link.present(ctx, here); err != nil {
			return left, err
		}
		var still []uint32
		if gone, still = parted(here, there); len(still) > 0 {
			delete(v.link.ready, name) // it may have been removed
			err = no
		}
	}
	for _, uid := range gone {
		delete(v.copied, v.mark.item(uid))
	}
	return append(left, gone...), err
}

// survey looks which mails are there, and whether the folder is. Without an
// answer to the first there is no map; the error may be about the folder alone.
func (v *mover) survey(ctx context.Context, uids []uint32, name string) (map[uint32]bool, error) {
	l := v.link
	there := make(map[uint32]bool, len(uids))
	a, err := l.askFor(ctx, wanted{set: setOf(uids), items: &imap.FetchOptions{UID: true}}, func(got *message) { there[got.uid] = true })
	if err != nil {
		return nil, err
	}
	unknown := l.locate(ctx, name)
	if _, err := a.wait(ctx, nil); err != nil {
		return nil, l.at.refused("tell which mails are there", cmp.Or(unknown, err))
	}
	return there, unknown
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
// and only then deletes just these (RFC 4315). Gone are those that it was told
// have left; there may be more.
func (v *mover) moveAway(ctx context.Context, uids []uint32, to string) (gone []uint32, err error) {
	l := v.link
	if l.caps.Has(imap.CapMove) {
		err = l.do(ctx, l.bulky(), func() error {
			subscribed := l.subscribe(to)
			data, err := l.client.Move(setOf(uids), to).Wait()
			if err == nil {
				gone = named(uids, data.SourceUIDs)
			}
			return cmp.Or(subscribed(), err)
		})
		return gone, err
	}
	if err := v.copyOnce(ctx, uids, to); err != nil {
		return nil, err
	}
	return nil, l.do(ctx, l.bulky(), func() error {
		deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
		if err := l.client.Store(setOf(uids), deleted, nil).Close(); err != nil {
			return err
		}
		expunged, err := l.client.UIDExpunge(setOf(uids)).Collect()
		less(&l.exists, len(expunged))
		return err
	})
}

// named are those of the mails that a server says it moved (RFC 6851 section
// 4.3): all of them, or nothing is said here.
func named(uids []uint32, said imap.NumSet) []uint32 {
	set, ok := said.(imap.UIDSet)
	if !ok || set.Dynamic() {
		return nil
	}
	for _, uid := range uids {
		if !set.Contains(imap.UID(uid)) {
			return nil
		}
	}
	return uids
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
		subscribed := v.link.subscribe(to)
		_, err := v.link.client.Copy(setOf(fresh), to).Wait()
		return cmp.Or(subscribed(), err)
	})
	if err != nil {
		return err
	}
	for _, uid := range fresh {
		v.copied[v.mark.item(uid)] = true
	}
	return nil
}
