package share

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/ticket"
)

// sum is the SHA-256 of a file's content.
type sum [sha256.Size]byte

func sumOf(content []byte) sum { return sha256.Sum256(content) }

// finding is what one file turned out to be.
type finding struct {
	sight      *sight
	called     string // its path, as the ledger may know it
	titled     string // its name, as others may read it
	sum        sum
	deliveries []ticket.Delivery
	reason     string // why it, or a part of it, is refused
	fate       fate
}

// examine reads a file and says what is to be delivered of it; false if it is
// not ready for anything yet.
func (p *pass) examine(s *sight) (finding, bool) {
	limits := p.options.Limits
	name := path.Base(s.path)
	if s.look.kind != regular || s.look.links != 1 {
		if inviting(name) {
			p.log.Warn("left alone", "file", shown(s.path), "why", "it is known under several names (hard links)")
		}
		p.memory.leave(s)
		return finding{}, false
	}
	if !inviting(name) && !carrier.Wanted("", name, int(s.look.size), limits) {
		p.count.Ignored++
		p.memory.leave(s)
		return finding{}, false
	}
	if s.look.size > int64(limits.Mail) {
		return p.oversize(s)
	}
	l, content, err := p.read(s.path, int64(limits.Mail))
	if err == nil && !l.same(s.look) {
		err = errChanged
	}
	if err != nil {
		return p.unread(s, err)
	}
	s.look.account = l.account
	f, ok := p.open(s, content)
	if ok && f.fate != stays && p.options.Mode != Read {
		if err := p.finish(s); err != nil {
			return p.unread(s, err)
		}
	}
	s.unread, s.refused = time.Time{}, false
	return f, ok
}

// finish makes sure that nobody has a file open any more that was read. To be
// asked may count as a change of its name or rights, of its content never.
func (p *pass) finish(s *sight) error {
	l, err := p.finished(s.path)
	if err == nil && !l.still(s.look) {
		err = errChanged
	}
	if err == nil {
		l.account, s.look = s.look.account, l
	}
	return err
}

// oversize refuses what is called an invitation and is far too large for one,
// without reading it.
func (p *pass) oversize(s *sight) (finding, bool) {
	if !p.patient(s) {
		return finding{}, false
	}
	refusal := &invitation.Refusal{Code: invitation.TooLarge, Detail: "The file is too large for an invitation."}
	d := p.delivery(s, s.look.item(s.path))
	d.Refusal = refusal
	return finding{sight: s, deliveries: []ticket.Delivery{d}, reason: refusal.Detail, fate: banned}, true
}

// unread is for a file that can't be had now. One that is called an
// invitation is refused when that lasts; another one is just tried again.
func (p *pass) unread(s *sight, err error) (finding, bool) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.memory.lose(s.path)
		return finding{}, false
	case errors.Is(err, ticket.ErrGone): // no fault of the file's
		return finding{}, false
	case errors.Is(err, errChanged), errors.Is(err, errUnfit):
		s.since, s.first, s.arrived = p.now, p.now, false
		return finding{}, false
	}
	if s.unread.IsZero() {
		s.unread = p.now
		p.log.Warn("file can't be read", "file", shown(s.path), "error", err.Error(), "advice", advice(err))
	}
	if s.refused || !inviting(path.Base(s.path)) || p.now.Sub(s.unread) < p.options.GiveUp {
		return finding{}, false
	}
	refusal := &invitation.Refusal{Code: invitation.Damaged, Detail: "The file can't be read: " + cause(err) + "."}
	d := p.delivery(s, s.look.item(s.path)+"-unread")
	d.Refusal = refusal
	return finding{sight: s, deliveries: []ticket.Delivery{d}, reason: refusal.Detail, fate: blocked}, true
}

func advice(err error) string {
	if errors.Is(err, errBusy) {
		return "close it where it is open"
	}
	return "give the watcher read permission"
}

// cause is an error without the paths in it.
func cause(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

// open sees what the content is. A plain invitation that came under its name
// at once may go at once; anything else must have settled first, and what is
// damaged is given more time still.
func (p *pass) open(s *sight, content []byte) (finding, bool) {
	c := p.carried(path.Base(s.path), content)
	f := finding{sight: s, called: s.path, titled: path.Base(s.path), sum: sumOf(content), fate: leaves}
	if c.Passwords > 0 { // perhaps in its name, and what is recorded must not hold it
		f.called, f.titled = path.Join(path.Dir(s.path), "(masked)"), masked(f.titled, c)
	}
	plain := len(c.Found) == 1 && len(c.Refused) == 0 && !strings.Contains(c.Found[0].Path, "/")
	if !plain && !s.settled(p.now, p.options.Settle) {
		s.arrived = false
		return f, false
	}
	if len(c.Found) == 0 && len(c.Refused) == 0 {
		f.fate = stays
		f.deliveries = []ticket.Delivery{p.delivery(s, s.look.item(s.path))}
		return f, true
	}
	p.addFound(&f, c)
	if len(c.Refused) > 0 && !p.patient(s) {
		f.fate = waits
		return f, len(c.Found) > 0
	}
	if len(c.Found) == 0 {
		f.fate = banned
	}
	p.addRefused(&f, c, content)
	return f, true
}

// masked is a file's name without the passwords in it. The name as carrier
// shows it has lost them, but other things too; it serves where any was found.
func masked(name string, c carrier.Content) string {
	if plain, n := carrier.Mask(name, c.Found); n > 0 {
		return plain
	}
	if len(c.Found) > 0 {
		if first, _, _ := strings.Cut(c.Found[0].Path, "/"); strings.Contains(first, "•") {
			return first
		}
	}
	return name
}

// addFound makes one delivery of each invitation, for each may be another
// user's.
func (p *pass) addFound(f *finding, c carrier.Content) {
	for i, found := range c.Found {
		d := p.delivery(f.sight, f.item(i))
		d.Note, d.From = c.Text, p.user(f.sight, found.Invitation)
		d.Invitations = []invitation.Invitation{found.Invitation}
		if c.Passwords > 0 {
			d.Flags = append(d.Flags, ticket.PasswordInMail)
		}
		f.deliveries = append(f.deliveries, d)
	}
}

func (p *pass) addRefused(f *finding, c carrier.Content, content []byte) {
	var reasons []string
	for i, refused := range c.Refused {
		d := p.delivery(f.sight, f.item(len(c.Found)+i))
		d.From, d.Refusal = p.user(f.sight, invitation.Invitation{}), refused.Refusal
		if i == 0 || len(content) <= p.options.Limits.Invitation { // many large copies are too much
			d.Raw = &ticket.Raw{Name: path.Base(f.sight.path), Body: content}
		}
		f.deliveries = append(f.deliveries, d)
		reasons = append(reasons, refused.Refusal.Detail)
	}
	f.reason = strings.Join(reasons, "\n")
}

// item names the n-th thing in a file by path, version and content, so that a
// name used again is a new item.
func (f *finding) item(n int) string {
	item := f.sight.look.item(f.called) + "-" + hex.EncodeToString(f.sum[:16])
	if n == 0 {
		return item
	}
	return item + "!" + strconv.Itoa(n+1)
}

// clockError is how wrong another machine's clock may be.
const clockError = time.Hour

// patient tells whether a damaged file has had its time. If not, it is looked
// at again, several times. A server's clock that is behind must not make a
// file that is just being written look old.
func (p *pass) patient(s *sight) bool {
	since := s.since
	if !p.id.ours && p.now.Sub(since) < clockError+p.options.GiveUp {
		since = s.first
	}
	if p.now.Sub(since) >= p.options.GiveUp {
		return true
	}
	s.again = p.now.Add(max(p.options.Settle, p.options.GiveUp/8, time.Second))
	if last := since.Add(p.options.GiveUp); last.Before(s.again) {
		s.again = last
	}
	return false
}

func (p *pass) delivery(s *sight, item string) ticket.Delivery {
	received := s.look.latest()
	if received.After(p.now) {
		received = p.now
	}
	return ticket.Delivery{Source: p.Name(), Item: item, Received: received.UTC()}
}
