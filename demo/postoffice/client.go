package postoffice

import (
	"crypto/subtle"
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// client is one IMAP connection. Nothing is written to it while the office's
// lock is held, so one that doesn't read delays nobody else.
type client struct {
	off      *Office
	open     *folder // nil while none is selected
	view     *imapserver.SessionTracker
	readOnly bool
	failures int
}

var (
	_ imapserver.SessionMove        = (*client)(nil)
	_ imapserver.SessionNamespace   = (*client)(nil)
	_ imapserver.SessionAppendLimit = (*client)(nil)
)

// maxFailures bounds the wrong passwords of one connection.
const maxFailures = 3

// Login checks name and password; further tries than maxFailures end the connection.
func (c *client) Login(name, password string) error {
	right := subtle.ConstantTimeCompare([]byte(name), []byte(c.off.o.Address)) &
		subtle.ConstantTimeCompare([]byte(password), []byte(c.off.o.Password))
	if right == 1 {
		return nil
	}
	if c.failures++; c.failures >= maxFailures {
		return &imap.Error{Type: imap.StatusResponseTypeBye, Text: "Too many wrong passwords"}
	}
	return imapserver.ErrAuthFailed
}

// Close lets go of what is selected.
func (c *client) Close() error { return c.Unselect() }

// AppendLimit is the largest mail that APPEND takes.
func (c *client) AppendLimit() uint32 { return MaxMail }

// Namespace has one root, like most servers.
func (c *client) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{Personal: []imap.NamespaceDescriptor{{Delim: separator}}}, nil
}

// lock takes the office's lock for a command, unless the office is closed.
func (c *client) lock() (unlock func(), err error) {
	c.off.mu.Lock()
	if c.off.closed {
		c.off.mu.Unlock()
		return nil, answer(errClosed)
	}
	return c.off.mu.Unlock, nil
}

// folder finds a folder; the caller holds the lock.
func (c *client) folder(name string) (*folder, error) {
	if f := c.off.folders[name]; f != nil {
		return f, nil
	}
	return nil, errNoFolder()
}

// Select opens a folder and begins a view of it.
func (c *client) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	c.off.mu.Lock()
	defer c.off.mu.Unlock()
	f, err := c.folder(name)
	if err != nil {
		return nil, err
	}
	c.open, c.view, c.readOnly = f, f.tracker.NewSession(), options.ReadOnly
	flags := []imap.Flag{imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft}
	data := &imap.SelectData{
		Flags:          flags,
		PermanentFlags: append(slices.Clone(flags), imap.FlagWildcard),
		NumMessages:    uint32(len(f.letters)),
		UIDNext:        f.Next,
		UIDValidity:    f.Validity,
	}
	if options.ReadOnly {
		data.PermanentFlags = nil
	}
	return data, nil
}

// Unselect ends the view.
func (c *client) Unselect() error {
	c.off.mu.Lock()
	defer c.off.mu.Unlock()
	if c.view != nil {
		c.view.Close()
	}
	c.open, c.view = nil, nil
	return nil
}

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

// Poll writes what changed since the client was told last.
func (c *client) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if c.view == nil {
		return nil
	}
	return c.view.Poll(w, allowExpunge)
}

// Idle writes what changes until stop is closed.
func (c *client) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	if c.view == nil {
		<-stop
		return nil
	}
	return c.view.Idle(w, stop)
}

func errNoFolder() error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeNonExistent, Text: "No such folder"}
}

func errKept() error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeCannot, Text: "This server keeps its folders"}
}

// answer turns the office's refusals into IMAP's.
func answer(err error) error {
	codes := map[error]imap.ResponseCode{
		errName:     imap.ResponseCodeCannot,
		errExists:   imap.ResponseCodeAlreadyExists,
		errFull:     imap.ResponseCodeOverQuota,
		errTooLarge: imap.ResponseCodeTooBig,
		errTooDeep:  imap.ResponseCodeTooBig,
		errClosed:   imap.ResponseCodeUnavailable,
	}
	for is, code := range codes {
		if errors.Is(err, is) {
			return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: is.Error()}
		}
	}
	return err
}
