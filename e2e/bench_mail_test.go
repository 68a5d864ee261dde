package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
)

// What a pass costs does not grow with the mails that lie there: 100 new ones
// and nothing new, beside 100,000 and beside 1,000 old ones. What the server
// itself takes longer for is what the least program for the same mails takes
// longer for.
func BenchmarkOldMail(b *testing.B) {
	var sides []ratio.Contender
	for _, n := range []int{100_000, 1_000} {
		box := aged(b, n)
		sides = append(sides, ratio.Contender{Name: fmt.Sprint(n, " old mails"), Run: box.measure})
	}
	keep(b, ratio.Compare("Row 3: one pass, log-in included, as a process of its own", runs, sides...))
}

// agedBox is a mailbox whose old mails were all looked at before.
type agedBox struct {
	b      *testing.B
	server *private.Mailserver
	desk   *helpdesk
	line   *private.Relay
	first  cost // the pass over the old mails
	mails  int
}

func aged(b *testing.B, mails int) *agedBox {
	b.Helper()
	s := private.Dovecot(b, private.DovecotOptions{Users: []string{"idle"}})
	s.Fill(b, "idle", private.Fill{Mail: []byte("From: user@example.org\r\nSubject: hello\r\n\r\nNothing attached.\r\n"), Number: mails})
	line := private.NewRelay(b, s.Addr)
	h := newHelpdesk(b, mailboxAt("imap://idle@"+line.Addr+"/INBOX", ""))
	c, out := costOf(b, h.pass())
	if !strings.Contains(out, fmt.Sprintf(`"ignored":%d`, mails)) {
		b.Fatalf("first pass: %s", out)
	}
	return &agedBox{b, s, h, line, c, 0}
}

// deliver puts so many new invitations into the mailbox.
func (a *agedBox) deliver(n int) {
	for range n {
		a.mails++
		a.server.Deliver(a.b, "idle", mailWith(fmt.Sprintf("new%d@example.org", a.mails), "help", invite(int64(a.mails), "").RA2()))
	}
}

// pass is one of ours, which has to come to the given end.
func (a *agedBox) pass(end string) cost {
	a.b.Helper()
	c, out := costOf(a.b, a.desk.pass())
	if !strings.Contains(out, end) {
		a.b.Fatalf("want %s: %s", end, out)
	}
	return c
}

func (a *agedBox) measure(run int, put func(ratio.Quantity, float64)) {
	const many = 100
	lasts := func(name, aim string, d time.Duration) { put(ratio.Quantity{Name: name, Aim: aim}, float64(d)) }
	a.deliver(many)
	news := a.pass(`"queued":100,`)
	lasts("100 new mails", "≤ 1.2 ×", news.took)
	lasts("… our processor time", "", news.cpu)
	next := uidNext(a.b, a.server.Addr, "idle")
	a.deliver(many)
	lasts("… the least program: structures, parts, moved", "", leastPass(a.b, a.server.Addr, "idle", next))
	passed, asked := a.line.Bytes.Load(), a.line.Asked.Load()
	idle := a.pass(`"seen":0,`)
	lasts("nothing new", "", idle.took)
	lasts("… our processor time then", "", idle.cpu)
	put(ratio.Quantity{Name: "… over the line", Unit: ratio.Bytes}, float64(a.line.Bytes.Load()-passed))
	put(ratio.Quantity{Name: "… lines from us", Unit: ratio.Count}, float64(a.line.Asked.Load()-asked))
	memory := func(name string, c cost) {
		put(ratio.Quantity{Name: name, Unit: ratio.Bytes, Aim: "≤ 64 MB", Worst: true}, float64(c.peak))
	}
	memory("peak memory, 100 new mails", news)
	if run > 0 {
		return
	}
	memory("peak memory, first pass over all", a.first)
	for i := range 3 {
		mail := withScreenshot(mailWith(fmt.Sprintf("large%d@example.org", i), "help", invite(int64(1_000_000+i), "").RA2()), 40<<20)
		a.server.Deliver(a.b, "idle", mail)
	}
	memory("peak memory, 3 mails with 40 MB attached", a.pass(`"queued":3,`))
}

// From a mail's delivery to its ticket on a watching page, beside the moment
// when the server tells a bare IDLE client.
func BenchmarkMailToPage(b *testing.B) {
	const mails = 60
	s := private.Dovecot(b, private.DovecotOptions{})
	h := newHelpdesk(b, mailboxAt(s.URL("help", "INBOX"), `processed = ""`)) // mail that leaves soon is not told to all
	h.serve()
	ada := h.technician("ada", "technician")
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	notices, events := idler(b, s.Addr), ada.watchTickets(ctx)
	var noticed, shown, behind []time.Duration
	for i := range mails {
		time.Sleep(time.Duration(50+i*37%500) * time.Millisecond) // no rhythm of the server's
		mail := mailWith(fmt.Sprintf("user%d@example.org", i), "help", invite(int64(i), "").RA2())
		for len(events) > 0 {
			<-events
		}
		start := time.Now()
		s.Deliver(b, "help", mail)
		at, ticket := await(b, notices), await(b, events)
		noticed, shown = append(noticed, at.Sub(start)), append(shown, ticket.Sub(start))
		behind = append(behind, ticket.Sub(at))
	}
	series := func(all []time.Duration) ratio.Series { return ratio.Series{All: all} }
	rows := [][]string{{"", "p50", "p95", "p99"}}
	for _, r := range []struct {
		name string
		ratio.Series
	}{{"the ticket is on the page", series(shown)}, {"the server tells a bare IDLE client", series(noticed)}, {"… the page after that, mail by mail", series(behind)}} {
		rows = append(rows, []string{r.name, round(r.At(50)), round(r.At(95)), round(r.At(99))})
	}
	later := func(percent int) string { return round(series(shown).At(percent) - series(noticed).At(percent)) }
	rows = append(rows, []string{"page - server", later(50), later(95), later(99)}, []string{"aim", "≤ 10ms", "", "≤ 30ms"})
	table(b, fmt.Sprintf("Row 4: from delivery to the page, %d mails", mails), rows)
}

func await(b *testing.B, c <-chan time.Time) time.Time {
	b.Helper()
	select {
	case t := <-c:
		return t
	case <-time.After(private.Patience):
		b.Fatal("nothing came")
		return time.Time{}
	}
}
