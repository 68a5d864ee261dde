package mailbox_test

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-imap/v2"

	"inviter/e2e/private"
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
