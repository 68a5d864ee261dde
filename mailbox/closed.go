package mailbox

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// closed is why the server lets no mail into a folder.
type closed struct {
	unmade bool   // it is not there, and can't be made
	said   string // in the server's words
}

// unmade is the server's no to a new folder.
type unmade struct{ error }

func (u unmade) Unwrap() error { return u.error }

// stay turns a server's no into a warning: in this scan nothing more is moved
// there. The log has it once, for as long as it is the same.
func (v *mover) stay(folder string, err error) error {
	var no *imap.Error
	if v.link.dead || !errors.As(err, &no) {
		return err
	}
	why := closed{errors.As(err, new(unmade)), said(no)}
	if v.wasClosed[folder] != why {
		v.log.Warn("mail not moved", "folder", folder, "unmade", why.unmade, "error", why.said)
	}
	v.closed[folder] = why
	return nil
}

// shut tells whether no mail can be moved anywhere in this scan, however many
// are held: a look must not cost more for it.
func (v *mover) shut() bool {
	for _, folder := range []string{v.options.Processed, v.options.Refused} {
		if _, shut := v.closed[folder]; folder != "" && !shut {
			return false
		}
	}
	return true
}

// warnClosed says what the closed folders mean, those of one reason together.
func (s *scan) warnClosed() {
	s.wasClosed = s.away.closed
	together := map[closed][]string{}
	for _, folder := range slices.Sorted(maps.Keys(s.away.closed)) {
		together[s.away.closed[folder]] = append(together[s.away.closed[folder]], folder)
	}
	var words []string
	for why, folders := range together {
		words = append(words, why.words(s.at.Host, folders))
	}
	for _, w := range slices.Sorted(slices.Values(words)) {
		s.warn(w)
	}
}

func (c closed) words(host string, folders []string) string {
	names := strings.Join(folders, " and ")
	switch {
	case !c.unmade:
		return fmt.Sprintf("mail stays where it is, for %s can't move it to %s (%s): allow it there, or name another folder", host, names, c.said)
	case len(folders) > 1:
		return fmt.Sprintf("mail stays where it is, for %s can't make the folders %s (%s): make them there, or name others", host, names, c.said)
	}
	return fmt.Sprintf("mail stays where it is, for %s can't make the folder %s (%s): make it there, or name another", host, names, c.said)
}
