// Package postoffice is a mail server in the process, for the demo: what comes
// in by SMTP for one address lies in an IMAP mailbox, and stays there over
// restarts. It listens on loopback only and forwards nothing.
//
// Each mail is a file, made whole before it is shown, so a crash loses nothing
// that was accepted; moving a mail renames its file, so a crash doubles
// nothing. UIDs are never given twice. Everything that clients send is bounded:
// connections, sizes, numbers of mails and folders, time.
package postoffice

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Bounds of one office.
const (
	MaxMail     = 8 << 20 // bytes of one mail, more than inviter takes, so that its refusal can be seen
	maxLetters  = 2000    // mails in all folders
	maxStored   = 256 << 20
	maxFolders  = 50
	maxClients  = 64 // connections a protocol
	clientLife  = 10 * time.Minute
	smtpTimeout = time.Minute
	farewell    = 2 * time.Second // for SMTP connections to notice that they were closed
)

// Options says where an office lies and what it is called.
type Options struct {
	Dir      string // made if missing; no two offices at a time may use one
	Address  string // mail for it is taken, and it is the IMAP user
	Password string // of the IMAP user
	IMAP     string // "127.0.0.1:0" if empty; loopback only
	SMTP     string
	// Other takes mail for anybody else, whole; nil refuses it.
	Other func(to string, mail []byte) error
	Clock func() time.Time
	Log   *slog.Logger // gets what clients do wrong at Debug, without content
}

// Office is a running mail server.
type Office struct {
	o     Options
	tmp   string
	imap  *door
	smtp  *door
	stops []func() error
	done  sync.WaitGroup

	mu      sync.Mutex // guards what follows, and everything inside folders
	folders map[string]*folder
	letters int
	stored  int64
	closed  bool
}

// Open starts an office and takes up what an earlier one left in its folder.
func Open(o Options) (*Office, error) {
	off := &Office{o: o, tmp: filepath.Join(o.Dir, "tmp"), folders: map[string]*folder{}}
	if err := off.load(); err != nil {
		return nil, fmt.Errorf("mail folder: %w", err)
	}
	if err := off.serve(); err != nil {
		return nil, errors.Join(err, off.Close())
	}
	return off, nil
}

// IMAP is the address IMAP clients connect to.
func (off *Office) IMAP() net.Addr { return off.imap.Addr() }

// SMTP is the address mail is handed in at.
func (off *Office) SMTP() net.Addr { return off.smtp.Addr() }

// Close ends all connections. Once it returns, no mail is taken or moved any more.
func (off *Office) Close() error {
	off.mu.Lock()
	if off.closed {
		off.mu.Unlock()
		return nil
	}
	off.closed = true
	off.mu.Unlock()
	var errs []error
	for _, stop := range off.stops {
		if err := stop(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	off.done.Wait()
	return errors.Join(errs...)
}

// load reads the folders, and clears away what was only half received.
func (off *Office) load() error {
	if err := os.RemoveAll(off.tmp); err != nil {
		return err
	}
	if err := os.MkdirAll(off.tmp, 0o700); err != nil {
		return err
	}
	root := off.root()
	if err := os.MkdirAll(root, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, ok := folderName(e.Name())
		if !ok || !e.IsDir() {
			continue
		}
		f, err := loadFolder(name, filepath.Join(root, e.Name()), off.o.Clock())
		if err != nil {
			return err
		}
		off.adopt(f)
	}
	if off.folders[inbox] == nil {
		return off.makeFolder(inbox)
	}
	return nil
}

func (off *Office) root() string { return filepath.Join(off.o.Dir, "folders") }

// adopt counts a loaded folder in.
func (off *Office) adopt(f *folder) {
	off.folders[f.name] = f
	off.letters += len(f.letters)
	for _, l := range f.letters {
		off.stored += l.size
	}
}

// makeFolder makes an empty folder. It refuses with errExists, errName, errFull.
func (off *Office) makeFolder(name string) error {
	dir, ok := folderDir(name)
	switch {
	case !ok:
		return errName
	case off.folders[name] != nil:
		return errExists
	case len(off.folders) >= maxFolders:
		return errFull
	}
	path := filepath.Join(off.root(), dir)
	if err := os.Mkdir(path, 0o700); err != nil {
		if errors.Is(err, os.ErrExist) { // a file system that knows no case
			return errExists
		}
		return err
	}
	f, err := loadFolder(name, path, off.o.Clock())
	if err != nil {
		return err
	}
	off.folders[name] = f
	return nil
}
