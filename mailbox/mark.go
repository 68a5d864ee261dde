package mailbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// mark is how far a mailbox has been looked through. It is saved with the
// ledger; everything at or below it is recorded there, or older than First.
type mark struct {
	position uint32 // the highest UID that is done
	base     uint32 // UIDs below were there at the first look: of them, only mail since
	since    int64  // … this time (Unix seconds) counts
	quiet    int64  // … and what came before this time is not answered
	validity uint32 // UIDVALIDITY, without which a UID means nothing
	folder   string // as the server writes it; last, for it may hold anything
}

func (k mark) String() string {
	return fmt.Sprintf("%d;%d;%d;%d;%d;%s", k.position, k.base, k.since, k.quiet, k.validity, k.folder)
}

// parseMark answers false for what String never wrote, "" among them.
func parseMark(s string) (k mark, ok bool) {
	f := strings.SplitN(s, ";", 6)
	if len(f) != 6 {
		return mark{}, false
	}
	k.folder = f[5]
	var err [5]error
	k.position, err[0] = parseUID(f[0])
	k.base, err[1] = parseUID(f[1])
	k.since, err[2] = strconv.ParseInt(f[2], 10, 64)
	k.quiet, err[3] = strconv.ParseInt(f[3], 10, 64)
	k.validity, err[4] = parseUID(f[4])
	return k, err == [5]error{}
}

func parseUID(s string) (uint32, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err
}

// answerable is how old mail may be at the first look to be answered: a person
// who wrote yesterday is not helped by "your invitation has arrived".
const answerable = time.Hour

// follow is the mark to go on with in a folder that may not be the one of k.
// A folder that was made anew, or lost its numbers, is looked through again
// from the time of the first connection on: what is known already is known by
// its invitations' keys.
func (k mark) follow(folder string, validity uint32, now time.Time, first time.Duration) (next mark, fresh bool) {
	if k.folder == folder && k.validity == validity {
		return k, false
	}
	next = mark{folder: folder, validity: validity, since: now.Add(-first).Unix(), quiet: now.Add(-answerable).Unix()}
	if k.folder == folder && k.since < next.since {
		next.since = k.since
	}
	return next, true
}

// leaves tells whether a mail is left alone for its age. Of one without a date
// only its own header may tell, once it is read.
func (k mark) leaves(l letter) bool { return l.uid < k.base && l.at != 0 && l.at < k.since }

// item is a mail's name in the ledger: "INBOX;1700000000;42".
func (k mark) item(uid uint32) string {
	return k.folder + ";" + strconv.FormatUint(uint64(k.validity), 10) + ";" + strconv.FormatUint(uint64(uid), 10)
}

// uid is the reverse of item; false for a mail of another folder or numbering.
func (k mark) uid(item string) (uint32, bool) {
	head, tail, ok := cutLast(item)
	if !ok || head != k.folder+";"+strconv.FormatUint(uint64(k.validity), 10) {
		return 0, false
	}
	uid, err := parseUID(tail)
	return uid, err == nil
}

func cutLast(s string) (head, tail string, ok bool) {
	i := strings.LastIndexByte(s, ';')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
