package mailbox_test

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"inviter/e2e/private"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// expunge deletes mails as a person's client does.
func (p *person) expunge(folder string, uids ...imap.UID) {
	p.t.Helper()
	_, err := p.client.Select(folder, nil).Wait()
	must(p.t, err)
	set := imap.UIDSetNum(uids...)
	must(p.t, p.client.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close())
	must(p.t, p.client.UIDExpunge(set).Close())
}

// Another client takes mail away and puts the same mail back under other
// numbers while a scan has listed it, opened it, or is about to move it: no
// invitation is lost or doubled, and what was put back is out of the way too.
func TestExpungedAndPutBackDuringAScan(t *testing.T) {
	t.Parallel()
	mails := make([][]byte, 6)
	for i := range mails {
		mails[i] = letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes()
	}
	for name, said := range map[string]string{
		"listed": "RFC822.SIZE", "opened": "BODYSTRUCTURE", "read": "BODY[1]", "submitted": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := private.Dovecot(t, private.DovecotOptions{})
			person := newPerson(t, s.Addr)
			for _, mail := range mails {
				person.send("INBOX", mail)
			}
			var meddled atomic.Bool
			meddle := sync.OnceFunc(func() {
				meddled.Store(true)
				person.expunge("INBOX", 1, 4, 6)
				for _, i := range []int{0, 3, 5} {
					person.send("INBOX", mails[i])
				}
			})
			p := newProxy(t, s.Addr)
			r := sourcetest.NewRecorder(nil)
			if said == "" {
				r.OnSubmit(meddle)
			} else {
				p.set(func() {
					p.change = func(b []byte) []byte {
						if bytes.Contains(b, []byte(said)) {
							meddle()
						}
						return b
					}
				})
			}
			m := open(t, options(t, p.addr), r)
			scan(t, m, r)
			pass := scan(t, m, r)
			if !meddled.Load() || r.Tickets() != len(mails) || pass.Pending != 0 || len(r.Open(m.Name())) > 0 {
				t.Errorf("%d tickets of %d, held %v, then %+v", r.Tickets(), len(mails), r.Open(m.Name()), pass)
			}
			if in := person.subjects("INBOX"); in != "" {
				t.Errorf("inbox %q", in)
			}
		})
	}
}

// Whatever lies in the box, old or read by somebody, a look at what is new says
// and hears the same, and new mail is found among it.
func TestLookCostsTheSameWithManyMails(t *testing.T) {
	t.Parallel()
	few, many := lookAt(t, 10), lookAt(t, 2000)
	if many > few+few/10 {
		t.Errorf("%d bytes a look with 10 mails in the box, %d with 2,000", few, many)
	}
}

// lookAt is how many bytes go to and fro in a scan that finds nothing, with so
// many old mails in the box that a person has read.
func lookAt(t *testing.T, old int) int {
	s := private.Dovecot(t, private.DovecotOptions{})
	mails := make([][]byte, old)
	for i := range mails {
		mails[i] = letter{subject: fmt.Sprint("old ", i), file: invite(i)}.bytes()
	}
	person := newPerson(t, s.Addr)
	s.Deliver(t, "help", mails...)
	person.flag("INBOX", imap.FlagSeen)
	p := newProxy(t, s.Addr)
	r := sourcetest.NewRecorder(nil)
	o := options(t, p.addr)
	o.Clock = func() time.Time { return time.Now().Add(48 * time.Hour) } // they came before the day that counts
	m := open(t, o, r)
	if pass := scan(t, m, r); pass != (ticket.Pass{}) {
		t.Errorf("the first look took up old mail: %+v", pass)
	}
	before := p.passed()
	scan(t, m, r)
	bytes := p.passed() - before
	person.send("INBOX", letter{subject: "new", file: invite(old)}.bytes())
	if pass := scan(t, m, r); pass.Seen != 1 || pass.Queued != 1 {
		t.Errorf("with %d old mails: %+v", old, pass)
	}
	return bytes
}
