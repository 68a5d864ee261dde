package postoffice

import (
	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// Expunge erases what is marked as deleted, of the given UIDs if any.
func (c *client) Expunge(_ *imapserver.ExpungeWriter, only *imap.UIDSet) error {
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if c.readOnly {
		return nil // CLOSE of a folder that was opened to read only
	}
	var gone []imap.UID
	for _, l := range c.open.letters {
		if l.has(imap.FlagDeleted) && (only == nil || only.Contains(l.uid)) {
			gone = append(gone, l.uid)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return c.off.erase(c.open, gone) // the next Poll tells this client too
}

// Store changes flags.
func (c *client) Store(w *imapserver.FetchWriter, set imap.NumSet, change *imap.StoreFlags, _ *imap.StoreOptions) error {
	letters, err := c.mark(set, change)
	if err != nil || change.Silent {
		return err
	}
	for _, l := range letters {
		r := w.CreateMessage(l.seq)
		r.WriteUID(l.uid)
		r.WriteFlags(l.flags)
		if err := r.Close(); err != nil {
			return err
		}
	}
	return nil
}

// mark changes the flags of what set means, tells the other clients, and
// returns the letters as they are then.
func (c *client) mark(set imap.NumSet, change *imap.StoreFlags) ([]seen, error) {
	unlock, err := c.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if c.readOnly {
		return nil, errReadOnly()
	}
	letters := c.matching(set)
	for i := range letters {
		l := c.open.find(letters[i].uid)
		l.flags = apply(l.flags, change)
		letters[i].flags = l.flags
		c.open.tracker.QueueMessageFlags(c.position(l.uid), l.uid, l.flags, c.view)
	}
	return letters, c.open.save()
}

// position is a letter's number in the folder, not in a client's view.
func (c *client) position(uid imap.UID) uint32 {
	for i, l := range c.open.letters {
		if l.uid == uid {
			return uint32(i + 1)
		}
	}
	return 0
}

func apply(flags []imap.Flag, change *imap.StoreFlags) []imap.Flag {
	switch change.Op {
	case imap.StoreFlagsSet:
		return clean(change.Flags)
	case imap.StoreFlagsAdd:
		return clean(append(append([]imap.Flag{}, flags...), change.Flags...))
	}
	var out []imap.Flag
	for _, f := range flags {
		if !(&letter{flags: change.Flags}).has(f) {
			out = append(out, f)
		}
	}
	return out
}

// carry brings letters from one folder to another.
type carry func(from, to *folder, uids []imap.UID) (imap.CopyData, error)

// Copy puts letters into another folder too.
func (c *client) Copy(set imap.NumSet, dest string) (*imap.CopyData, error) {
	data, err := c.transfer(set, dest, c.off.copy)
	if err != nil || data.SourceUIDs == nil {
		return nil, err
	}
	return &data, nil
}

// Move takes letters to another folder. The next Poll tells this client, too,
// that they are gone.
func (c *client) Move(w *imapserver.MoveWriter, set imap.NumSet, dest string) error {
	if c.readOnly {
		return errReadOnly()
	}
	data, err := c.transfer(set, dest, c.off.move)
	if data.SourceUIDs == nil {
		return err
	}
	if e := w.WriteCopyData(&data); err == nil {
		err = e
	}
	return err
}

// transfer copies or moves what set means, by the given means.
func (c *client) transfer(set imap.NumSet, dest string, by carry) (imap.CopyData, error) {
	unlock, err := c.lock()
	if err != nil {
		return imap.CopyData{}, err
	}
	defer unlock()
	to, err := c.folder(dest)
	switch {
	case err != nil:
		return imap.CopyData{}, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeTryCreate, Text: "No such folder"}
	case to == c.open:
		return imap.CopyData{}, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeCannot, Text: "It is in this folder already"}
	}
	meant := uids(c.matching(set))
	if len(meant) == 0 {
		return imap.CopyData{}, nil
	}
	data, err := by(c.open, to, meant)
	return data, answer(err)
}

func errReadOnly() error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeCannot, Text: "The folder is open to read only"}
}
