package postoffice

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

const (
	inbox     = "INBOX"
	separator = '/'
	suffix    = ".eml"
	stateFile = "folder.json"
)

// letter is one mail in a folder. Its text lies in the file that its UID names.
type letter struct {
	uid   imap.UID
	flags []imap.Flag // sorted
	at    time.Time   // when it came, the IMAP internal date; the file's time
	size  int64
}

func (l *letter) has(f imap.Flag) bool {
	return slices.ContainsFunc(l.flags, func(g imap.Flag) bool { return strings.EqualFold(string(f), string(g)) })
}

// folder is one IMAP mailbox: a directory with a file for each mail. The files
// are the truth of what is there; state holds what files can't.
type folder struct {
	name    string
	dir     string
	tracker *imapserver.MailboxTracker // tells the clients who have it open
	letters []*letter                  // by UID
	state
}

// state is what folder.json holds. Next is saved before the UID it gives is
// used, so a UID is never given twice, whatever crashes.
type state struct {
	Validity uint32                   `json:"uidvalidity"`
	Next     imap.UID                 `json:"uidnext"`
	Flags    map[imap.UID][]imap.Flag `json:"flags,omitempty"`
}

// loadFolder reads a folder. One without a readable state gets a new
// UIDVALIDITY, so that clients forget what they knew of it.
func loadFolder(name, dir string, now time.Time) (*folder, error) {
	f := &folder{name: name, dir: dir}
	b, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if json.Unmarshal(b, &f.state) != nil || f.Validity == 0 || f.Next == 0 {
		f.state = state{Validity: uint32(now.Unix()), Next: 1}
	}
	if err := f.readLetters(); err != nil {
		return nil, err
	}
	f.tracker = imapserver.NewMailboxTracker(uint32(len(f.letters)))
	return f, f.save()
}

func (f *folder) readLetters() error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		uid, ok := uidOf(e.Name())
		if !ok || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		f.letters = append(f.letters, &letter{uid: uid, flags: f.Flags[uid], at: info.ModTime(), size: info.Size()})
		f.Next = max(f.Next, uid+1)
	}
	slices.SortFunc(f.letters, func(a, b *letter) int { return cmp.Compare(a.uid, b.uid) })
	return nil
}

// save writes the state, whole or not at all.
func (f *folder) save() error {
	f.Flags = map[imap.UID][]imap.Flag{}
	for _, l := range f.letters {
		if len(l.flags) > 0 {
			f.Flags[l.uid] = l.flags
		}
	}
	b, err := json.Marshal(f.state)
	if err != nil {
		return err
	}
	tmp := filepath.Join(f.dir, stateFile+".new")
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(f.dir, stateFile))
}

// reserve gives n UIDs in a row, the first of which it returns.
func (f *folder) reserve(n int) (imap.UID, error) {
	first := f.Next
	f.Next += imap.UID(n)
	if err := f.save(); err != nil {
		f.Next = first
		return 0, fmt.Errorf("folder %q: %w", f.name, err)
	}
	return first, nil
}

// show adds a letter whose file is in place, and tells the clients.
func (f *folder) show(l *letter) {
	f.letters = append(f.letters, l)
	f.tracker.QueueNumMessages(uint32(len(f.letters)))
}

// drop takes out letters whose files are gone, and tells the clients.
func (f *folder) drop(gone map[imap.UID]bool) {
	for i := len(f.letters) - 1; i >= 0; i-- {
		if gone[f.letters[i].uid] {
			f.letters = slices.Delete(f.letters, i, i+1)
			f.tracker.QueueExpunge(uint32(i + 1))
		}
	}
}

func (f *folder) path(uid imap.UID) string {
	return filepath.Join(f.dir, fmt.Sprintf("%010d%s", uint32(uid), suffix))
}

func uidOf(file string) (imap.UID, bool) {
	digits, ok := strings.CutSuffix(file, suffix)
	n, err := strconv.ParseUint(digits, 10, 31)
	return imap.UID(n), ok && err == nil && n > 0
}

// folderDir is the directory that holds the folder called name. ok is false
// for what can't be a folder's name.
func folderDir(name string) (dir string, ok bool) {
	dir = url.PathEscape(name)
	bad := name == "" || len(dir) > 200 || strings.HasPrefix(name, ".") ||
		strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) ||
		strings.HasPrefix(name, "/") || strings.Contains(name, "//") || strings.HasSuffix(name, "/") ||
		strings.EqualFold(name, inbox) && name != inbox
	return dir, !bad
}

func folderName(dir string) (name string, ok bool) {
	name, err := url.PathUnescape(dir)
	if err != nil {
		return "", false
	}
	again, ok := folderDir(name)
	return name, ok && again == dir
}
