package postoffice

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// Create makes a folder.
func (c *client) Create(name string, _ *imap.CreateOptions) error {
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	return answer(c.off.makeFolder(strings.TrimSuffix(name, string(separator))))
}

// Delete, Rename: the office keeps its folders, so that no mail goes with one.
func (c *client) Delete(string) error { return errKept() }

// Rename is refused like Delete.
func (c *client) Rename(string, string, *imap.RenameOptions) error { return errKept() }

// Subscribe does nothing: every folder counts as subscribed.
func (c *client) Subscribe(string) error { return nil }

// Unsubscribe does nothing.
func (c *client) Unsubscribe(string) error { return nil }

// List writes the folders that match.
func (c *client) List(w *imapserver.ListWriter, ref string, patterns []string, o *imap.ListOptions) error {
	if len(patterns) == 0 {
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: separator})
	}
	for _, data := range c.list(ref, patterns, o) {
		if err := w.WriteList(&data); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) list(ref string, patterns []string, o *imap.ListOptions) []imap.ListData {
	c.off.mu.Lock()
	defer c.off.mu.Unlock()
	var all []imap.ListData
	for name, f := range c.off.folders {
		match := func(p string) bool { return imapserver.MatchList(name, separator, ref, p) }
		if !slices.ContainsFunc(patterns, match) || o.SelectSpecialUse {
			continue
		}
		data := imap.ListData{Mailbox: name, Delim: separator}
		if o.SelectSubscribed || o.ReturnSubscribed {
			data.Attrs = append(data.Attrs, imap.MailboxAttrSubscribed)
		}
		if o.ReturnStatus != nil {
			data.Status = f.status(o.ReturnStatus)
		}
		all = append(all, data)
	}
	slices.SortFunc(all, func(a, b imap.ListData) int { return strings.Compare(a.Mailbox, b.Mailbox) })
	return all
}

// Status counts what is in a folder.
func (c *client) Status(name string, o *imap.StatusOptions) (*imap.StatusData, error) {
	c.off.mu.Lock()
	defer c.off.mu.Unlock()
	f, err := c.folder(name)
	if err != nil {
		return nil, err
	}
	return f.status(o), nil
}

func (f *folder) status(o *imap.StatusOptions) *imap.StatusData {
	var unseen, deleted, recent uint32
	var size int64
	for _, l := range f.letters {
		size += l.size
		if !l.has(imap.FlagSeen) {
			unseen++
		}
		if l.has(imap.FlagDeleted) {
			deleted++
		}
	}
	all := uint32(len(f.letters))
	data := &imap.StatusData{Mailbox: f.name, UIDNext: f.Next, UIDValidity: f.Validity,
		NumMessages: &all, NumUnseen: &unseen, NumDeleted: &deleted, NumRecent: &recent, Size: &size}
	if o.AppendLimit {
		limit := uint32(MaxMail)
		data.AppendLimit = &limit
	}
	return data
}

// Append takes a mail from a mail program.
func (c *client) Append(name string, r imap.LiteralReader, o *imap.AppendOptions) (*imap.AppendData, error) {
	at := o.Time
	if at.IsZero() {
		at = c.off.o.Clock()
	}
	data, err := c.off.deliver(name, r, at, o.Flags)
	if err != nil {
		return nil, answer(err)
	}
	return &data, nil
}
