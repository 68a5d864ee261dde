package mailbox_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"inviter/e2e/private"
	"inviter/mailbox"
	"inviter/ticket/sourcetest"
)

// mixed are mails as a helpdesk gets them: 70 % small invitations, 10 % larger
// attachments, 10 % without any, 5 % forwarded, 5 % with a screenshot of 2 MB.
func mixed(n int) [][]byte {
	screen := make([]byte, 2<<20)
	mails := make([][]byte, n)
	for i := range mails {
		l := letter{subject: fmt.Sprint("Please help ", i), file: invite(i), text: "My printer is on fire.\r\nThanks, Jane",
			header: "Date: Sat, 21 Nov 2026 09:00:00 +0000\r\nMessage-ID: <" + fmt.Sprint(i) + "@example.org>\r\n" +
				"Received: from a by b; Sat, 21 Nov 2026 09:00:01 +0000\r\n"}
		switch i % 20 {
		case 3, 13:
			l.more = attachment("notes.zip", screen[:20<<10])
		case 5, 15:
			l.file = nil
		case 7:
			inner := l.bytes()
			l = letter{subject: "Fwd", more: "--cut\r\nContent-Type: message/rfc822\r\n\r\n" + string(inner[:len(inner)-9])}
		case 9:
			l.more = attachment("screen.png", screen)
		}
		mails[i] = l.bytes()
	}
	return mails
}

// twoStep is the least a reader must do: all structures, then the parts that
// matter, of which it knows the number without looking. It stores nothing.
func twoStep(b *testing.B, p *person) {
	b.Helper()
	_, err := p.client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	must(b, err)
	all := imap.UIDSet{{Start: 1, Stop: 0}}
	one := p.client.Fetch(all, &imap.FetchOptions{UID: true, RFC822Size: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true}})
	for one.Next() != nil {
	}
	must(b, one.Close())
	two := p.client.Fetch(all, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{
		{Peek: true, Specifier: imap.PartSpecifierHeader}, {Peek: true, Part: []int{1}}, {Peek: true, Part: []int{2}}}})
	for m := two.Next(); m != nil; m = two.Next() {
		for item := m.Next(); item != nil; item = m.Next() {
			if lit, ok := item.(interface{ Read([]byte) (int, error) }); ok {
				io.Copy(io.Discard, lit)
			}
		}
	}
	must(b, two.Close())
}

// BenchmarkBacklog takes up 5,000 mails into an honest ledger in memory, and
// reports how many times that takes of what the least reader needs.
func BenchmarkBacklog(b *testing.B) {
	const many = 5000
	s := private.Dovecot(b, private.DovecotOptions{})
	s.Deliver(b, "help", mixed(many)...)
	p := newPerson(b, s.Addr)
	twoStep(b, p) // Dovecot reads each mail once for its own records
	for b.Loop() {
		begin := time.Now()
		twoStep(b, p)
		floor := time.Since(begin)
		r := sourcetest.NewRecorder(nil)
		o := options(b, s.Addr)
		o.Processed, o.Log = "", nil
		m := mailbox.Open(o, r)
		begin = time.Now()
		pass, err := m.Scan(b.Context(), r.Submit)
		took := time.Since(begin)
		must(b, err)
		if pass.Queued < many*8/10 {
			b.Fatalf("%+v", pass)
		}
		must(b, m.Close())
		b.ReportMetric(took.Seconds()/floor.Seconds(), "times-least")
		b.ReportMetric(many/took.Seconds(), "mails/s")
		b.ReportMetric(floor.Seconds()*1000, "least-ms")
	}
}

// BenchmarkIdleLook scans when nothing is new, with few and with many old mails.
func BenchmarkIdleLook(b *testing.B) {
	for _, old := range []int{1000, 20_000} {
		b.Run(fmt.Sprint(old), func(b *testing.B) {
			s := private.Dovecot(b, private.DovecotOptions{})
			mails := make([][]byte, old)
			for i := range mails {
				mails[i] = letter{subject: fmt.Sprint("old ", i), text: "nothing"}.bytes()
			}
			s.Deliver(b, "help", mails...)
			r := sourcetest.NewRecorder(nil)
			proxy := newProxy(b, s.Addr)
			o := options(b, proxy.addr)
			o.Log = nil
			m := open(b, o, r)
			scan(b, m, r)
			proxy.mu.Lock()
			before := proxy.most + proxy.mostUp
			proxy.mu.Unlock()
			n := 0
			for b.Loop() {
				scan(b, m, r)
				n++
			}
			proxy.mu.Lock()
			defer proxy.mu.Unlock()
			b.ReportMetric(float64(proxy.most+proxy.mostUp-before)/float64(n), "bytes/scan")
		})
	}
}
