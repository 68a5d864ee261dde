package database

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// AsideName is the file beside the database that no backup carries: what is
// taken out of it is gone for good, also for who has an old backup. See
// docs/decisions/0002-backups-hold-half-a-key.md.
const AsideName = "inviter.halves"

// AsideSize is how many bytes a place in it has.
const AsideSize = 32

// Aside is the content of one place; all zeros where nothing was put.
type Aside [AsideSize]byte

// AsideFar is the first place of a second row of places, for another kind of
// row with numbers of its own. It lies in a file of its own, AsideName and ".2".
const AsideFar = 1 << 40

// aside is SQLite's files, the writer's alone. Other processes' writers take turns
// with this one, so each sees what the last one put there.
type aside struct{ near, far *placeFile }

// placeFile is one file of places.
type placeFile struct {
	*os.File
	size    int64 // it is at least so long
	dirty   bool  // has places that must be on the disk before the next commit
	cleared bool  // has cleared ones, which need not: after a crash they are found at the next start
}

func openAside(file string) (*aside, error) {
	near, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open what lies beside the database: %w", err)
	}
	far, err := os.OpenFile(file+".2", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		near.Close()
		return nil, fmt.Errorf("open what lies beside the database: %w", err)
	}
	return &aside{&placeFile{File: near}, &placeFile{File: far}}, nil
}

// stride is how many bytes a file of places grows by: a sync is cheaper where
// the file stays as long as it is.
const stride = 64 << 10

// reach makes a file so long, with nothing put into the places that are new.
func (f *placeFile) reach(end int64) error {
	if end <= f.size {
		return nil
	}
	st, err := f.Stat() // another process may have made it longer
	if err != nil {
		return fmt.Errorf("write beside the database: %w", err)
	}
	if f.size = st.Size(); end <= f.size {
		return nil
	}
	end = (end + stride - 1) / stride * stride
	from := max(f.size, end-stride) // places before may stay a hole
	if _, err := f.WriteAt(make([]byte, end-from), from); err != nil {
		return fmt.Errorf("write beside the database: %w", err)
	}
	f.size = end
	return nil
}

// at is where a place is.
func (a *aside) at(place int64) (f *placeFile, offset int64) {
	if place >= AsideFar {
		return a.far, (place - AsideFar) * AsideSize
	}
	return a.near, place * AsideSize
}

func (a *aside) get(place int64) (v Aside, err error) {
	f, offset := a.at(place)
	_, err = f.ReadAt(v[:], offset)
	if errors.Is(err, io.EOF) { // nothing was put so far back yet
		return Aside{}, nil
	}
	if err != nil {
		return Aside{}, fmt.Errorf("read beside the database: %w", err)
	}
	return v, nil
}

func (a *aside) put(place int64, v Aside) error {
	f, offset := a.at(place)
	f.dirty = true
	if err := f.reach(offset + AsideSize); err != nil {
		return err
	}
	if _, err := f.WriteAt(v[:], offset); err != nil {
		return fmt.Errorf("write beside the database: %w", err)
	}
	return nil
}

// clear takes a place out. It is on the disk after the next flush of all.
func (a *aside) clear(place int64) error {
	f, offset := a.at(place)
	f.cleared = true
	if _, err := f.WriteAt(make([]byte, AsideSize), offset); err != nil {
		return fmt.Errorf("write beside the database: %w", err)
	}
	return nil
}

// flush returns once everything that was put is on the disk, and with all what
// was cleared too.
func (a *aside) flush(all bool) error {
	for _, f := range []*placeFile{a.near, a.far} {
		if !f.dirty && !(all && f.cleared) {
			continue
		}
		if err := f.Sync(); err != nil {
			return fmt.Errorf("write beside the database: %w", err)
		}
		f.dirty, f.cleared = false, false
	}
	return nil
}

// keepOnly clears every place but those that live names.
func (a *aside) keepOnly(live map[int64]bool) error {
	if err := a.sift(a.near, 0, live); err != nil {
		return err
	}
	if err := a.sift(a.far, AsideFar, live); err != nil {
		return err
	}
	return a.flush(true)
}

// sift is keepOnly for one file, whose first place is first.
func (a *aside) sift(f *placeFile, first int64, live map[int64]bool) error {
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read beside the database: %w", err)
	}
	const atOnce = 2048 // places
	block := make([]byte, atOnce*AsideSize)
	for from := int64(0); from*AsideSize < st.Size(); from += atOnce {
		n, err := f.ReadAt(block, from*AsideSize)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read beside the database: %w", err)
		}
		for i := 0; (i+1)*AsideSize <= n; i++ {
			place := first + from + int64(i)
			if Aside(block[i*AsideSize:]) == (Aside{}) || live[place] {
				continue
			}
			if err := a.put(place, Aside{}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *aside) close() {
	a.near.Close()
	a.far.Close()
}

var errNoAside = errors.New("only a writing transaction reaches beside the database")

// PutAside writes a place beside the database, which is on the disk before the
// transaction is. It may not be undone with it, so a place belongs to a row that
// is new in the same transaction.
func (tx *Tx) PutAside(place int64, v Aside) error {
	if tx.beside == nil {
		return errNoAside
	}
	if place < 0 {
		return fmt.Errorf("write beside the database: no place %d", place)
	}
	return tx.beside.put(place, v)
}

// Aside reads a place beside the database.
func (tx *Tx) Aside(place int64) (Aside, error) {
	if tx.beside == nil {
		return Aside{}, errNoAside
	}
	return tx.beside.get(place)
}

// ClearAside clears a place once the transaction is durable, and not if it is
// undone. After a crash in between, KeepAside finds what was left.
func (tx *Tx) ClearAside(place int64) { tx.cleared = append(tx.cleared, place) }

// KeepAside clears every place but those that live names.
func (tx *Tx) KeepAside(live map[int64]bool) error {
	if tx.beside == nil {
		return errNoAside
	}
	return tx.beside.keepOnly(live)
}
