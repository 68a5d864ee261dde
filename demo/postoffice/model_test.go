package postoffice_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"pgregory.net/rapid"

	"inviter/demo/postoffice"
)

// model is what the office should hold: folder, UID, subject.
type model struct {
	t       *testing.T
	dir     string
	off     *postoffice.Office
	c       *imapclient.Client
	folders map[string]map[imap.UID]string
	next    map[string]imap.UID
	sent    int
}

// Whatever is done in whatever order, with restarts in between, every mail
// is where it was put, and no UID means two mails.
func TestAnyOrderOfEvents(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		m := &model{t: t, dir: t.TempDir(), folders: map[string]map[imap.UID]string{"INBOX": {}, "Done": {}},
			next: map[string]imap.UID{"INBOX": 1, "Done": 1}}
		m.restart()
		create(t, m.c, "Done")
		r.Repeat(map[string]func(*rapid.T){
			"send":    func(*rapid.T) { m.send() },
			"move":    func(r *rapid.T) { m.move(m.pick(r)) },
			"copy":    func(r *rapid.T) { m.copy(m.pick(r)) },
			"erase":   func(r *rapid.T) { m.erase(m.pick(r)) },
			"restart": func(r *rapid.T) { m.restart() },
			"look":    m.check,
		})
		m.restart()
		m.check(r)
		m.c.Close()
		closed(t, m.off)
	})
}

func (m *model) restart() {
	if m.off != nil {
		m.c.Close()
		closed(m.t, m.off)
	}
	m.off = open(m.t, m.dir)
	m.c = login(m.t, m.off, nil)
}

// pick draws some of the mails of a folder, which it opens.
func (m *model) pick(r *rapid.T) (from, to string, uids imap.UIDSet) {
	from, to = "INBOX", "Done"
	if rapid.Bool().Draw(r, "back") {
		from, to = to, from
	}
	for uid := range m.next[from] {
		if m.folders[from][uid] != "" && rapid.Bool().Draw(r, fmt.Sprint(uid)) {
			uids.AddNum(uid)
		}
	}
	if len(uids) == 0 {
		r.Skip("nothing there")
	}
	if _, err := m.c.Select(from, nil).Wait(); err != nil {
		m.t.Fatal(err)
	}
	return from, to, uids
}

func (m *model) put(folder, subject string) {
	m.folders[folder][m.next[folder]] = subject
	m.next[folder]++
}

func (m *model) send() {
	m.sent++
	subject := fmt.Sprintf("mail%d", m.sent)
	send(m.t, m.off, mail(subject))
	m.put("INBOX", subject)
}

func (m *model) move(from, to string, uids imap.UIDSet) {
	if _, err := m.c.Move(uids, to).Wait(); err != nil {
		m.t.Fatal(err)
	}
	nums, _ := uids.Nums()
	for _, uid := range nums {
		m.put(to, m.folders[from][uid])
		delete(m.folders[from], uid)
	}
}

func (m *model) copy(from, to string, uids imap.UIDSet) {
	if _, err := m.c.Copy(uids, to).Wait(); err != nil {
		m.t.Fatal(err)
	}
	nums, _ := uids.Nums()
	for _, uid := range nums {
		m.put(to, m.folders[from][uid])
	}
}

func (m *model) erase(from, _ string, uids imap.UIDSet) {
	deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := m.c.Store(uids, deleted, nil).Close(); err != nil {
		m.t.Fatal(err)
	}
	if err := m.c.Expunge().Close(); err != nil {
		m.t.Fatal(err)
	}
	nums, _ := uids.Nums()
	for _, uid := range nums {
		delete(m.folders[from], uid)
	}
}

func (m *model) check(r *rapid.T) {
	for folder, mails := range m.folders {
		var want []string
		for uid := range m.next[folder] {
			if mails[uid] != "" {
				want = append(want, fmt.Sprintf("%d:%s", uid, mails[uid]))
			}
		}
		if got := subjects(m.t, m.off, folder); got != strings.Join(want, " ") {
			r.Fatalf("%s: %s, want %v", folder, got, want)
		}
	}
}

// Clients that move mails against each other, while new ones come, lose and
// double none.
func TestClientsAtTheSameTime(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	create(t, login(t, off, nil), "Done")
	const mails, rounds = 20, 15
	var all sync.WaitGroup
	all.Go(func() {
		for i := range mails {
			if err := trySend(off, mail(fmt.Sprintf("mail%02d", i))); err != nil {
				t.Error(err)
			}
		}
	})
	for i := range 4 {
		from, to := "INBOX", "Done"
		if i%2 == 1 {
			from, to = to, from
		}
		c, _ := enter(t, off, from)
		all.Go(func() {
			for range rounds {
				if _, err := c.Move(imap.UIDSet{{Start: 1, Stop: 0}}, to).Wait(); err != nil {
					t.Error(err)
				}
				if _, err := c.Fetch(imap.UIDSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{BodySection: whole()}).Collect(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	there := subjects(t, off, "INBOX") + " " + subjects(t, off, "Done")
	for i := range mails {
		if n := strings.Count(there, fmt.Sprintf(":mail%02d", i)); n != 1 {
			t.Errorf("mail%02d is there %d times: %s", i, n, there)
		}
	}
}

// Numbers mean what a client was told, also while others take mails away.
func TestNumbersOfALateClient(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	for _, s := range []string{"a", "b", "c", "d"} {
		send(t, off, mail(s))
	}
	late, _ := enter(t, off, "INBOX")
	quick, _ := enter(t, off, "INBOX")
	create(t, quick, "Done")
	if _, err := quick.Move(imap.UIDSetNum(1, 3), "Done").Wait(); err != nil {
		t.Fatal(err)
	}
	send(t, off, mail("e"))
	for seq, want := range map[uint32]imap.UID{1: 0, 2: 2, 3: 0, 4: 4, 5: 0} {
		m := fetch(t, late, imap.SeqSetNum(seq), &imap.FetchOptions{UID: true})
		if want == 0 && len(m) != 0 || want != 0 && (len(m) != 1 || m[0].uid != want) {
			t.Errorf("number %d is %+v, want UID %d", seq, m, want)
		}
		// FETCH doesn't tell of mails that are gone (RFC 3501 7.4.1): the numbers stay.
	}
	if m := fetch(t, late, imap.UIDSetNum(5), &imap.FetchOptions{UID: true}); len(m) != 0 {
		t.Errorf("a mail without a number yet came as %+v", m)
	}
	if err := late.Noop().Wait(); err != nil {
		t.Fatal(err)
	}
	if m := fetch(t, late, imap.SeqSetNum(3), &imap.FetchOptions{UID: true}); len(m) != 1 || m[0].uid != 5 {
		t.Errorf("after NOOP number 3 is %+v", m)
	}
}

func TestFullOfficeTakesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	closed(t, open(t, dir))
	for i := range 2000 {
		write(t, filepath.Join(dir, "folders", "INBOX", fmt.Sprintf("%010d.eml", i+1)), mail("old"))
	}
	off := open(t, dir)
	if err := trySend(off, mail("one more")); err == nil || !strings.HasPrefix(err.Error(), "452") {
		t.Errorf("one mail more than there may be: %v", err)
	}
	c, data := enter(t, off, "INBOX")
	if data.NumMessages != 2000 {
		t.Errorf("%d mails", data.NumMessages)
	}
	create(t, c, "Done")
	if _, err := c.Copy(imap.UIDSetNum(1), "Done").Wait(); !has(err, imap.ResponseCodeOverQuota) {
		t.Errorf("copy: %v", err)
	}
	if _, err := c.Move(imap.UIDSetNum(1), "Done").Wait(); err != nil {
		t.Errorf("move: %v", err)
	}
	for i := range 60 {
		err := c.Create(fmt.Sprintf("F%d", i), nil).Wait()
		if i < 48 && err != nil || i >= 48 && !has(err, imap.ResponseCodeOverQuota) {
			t.Errorf("folder %d: %v", i, err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(left) != 0 {
		t.Errorf("half mails are left: %v, %v", left, err)
	}
}
