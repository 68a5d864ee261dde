package postoffice

import (
	"crypto/subtle"
	"errors"
	"slices"

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

// Poll writes what changed since the client was told last.
func (c *client) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if c.view == nil {
		return nil
	}
	return c.view.Poll(w, allowExpunge)
}

// Idle writes what changes until stop is closed. It runs beside Close: when a
// client hangs up, the library doesn't wait for its IDLE to end.
func (c *client) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	c.off.mu.Lock()
	view := c.view
	c.off.mu.Unlock()
	if view == nil {
		<-stop
		return nil
	}
	return view.Idle(w, stop)
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
