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
// when the server tells a bare IDLE client of the same mail.
func BenchmarkMailToPage(b *testing.B) {
	const mails = 20
	s := private.Dovecot(b, private.DovecotOptions{})
	h := newHelpdesk(b, mailboxAt(s.URL("help", "INBOX"), `processed = ""`)) // mail that leaves soon is not told to all
	h.serve()
	ada := h.technician("ada", "technician")
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	l := &listeners{b: b, server: s, notices: idler(b, s.Addr), events: ada.watchTickets(ctx)}
	side := func(name string, of func(notes) ratio.Series, more func(notes, func(ratio.Quantity, float64))) ratio.Contender {
		return ratio.Contender{Name: name, Run: func(run int, put func(ratio.Quantity, float64)) {
			round := l.round(run, mails)
			put(ratio.Quantity{Name: "p50"}, float64(of(round).At(50)))
			put(ratio.Quantity{Name: "the longest of all runs", Worst: true}, float64(of(round).At(100)))
			more(round, put)
		}}
	}
	page := func(h notes) ratio.Series { return h.shown }
	notice := func(h notes) ratio.Series { return h.noticed }
	t := ratio.Compare(fmt.Sprintf("Row 4: from a mail's delivery to the page, %d mails a run", mails), runs,
		side("on the page", page, func(round notes, put func(ratio.Quantity, float64)) {
			put(ratio.Quantity{Name: "after the notice, p50", Aim: "≤ 10ms"}, float64(page(round).At(50)-notice(round).At(50)))
			put(ratio.Quantity{Name: "… mail by mail, p50"}, float64(round.behind.At(50)))
		}),
		side("the server tells a bare IDLE client", notice, func(notes, func(ratio.Quantity, float64)) {}))
	shown, noticed := l.all(page), l.all(notice)
	for _, p := range []struct {
		percent int
		aim     string
	}{{95, ""}, {99, "≤ 30ms"}} {
		a, z := shown.At(p.percent), noticed.At(p.percent)
		t.Rows = append(t.Rows, []string{fmt.Sprintf("p%d of all %d", p.percent, len(shown.All)), round(a), round(z), ratio.Of(a, z), "", ""},
			[]string{"… after the notice", round(a - z), "", "", "", p.aim})
	}
	keep(b, t)
}

// notes is when what happened in one round, since each mail's delivery.
type notes struct {
	shown, noticed ratio.Series
	behind         ratio.Series // the page after the notice
}

// listeners wait for the same mails.
type listeners struct {
	b               *testing.B
	server          *private.Mailserver
	notices, events <-chan time.Time
	rounds          []notes
	mails           int
}

// round delivers a run's mails, once for all sides.
func (l *listeners) round(run, mails int) notes {
	for len(l.rounds) <= run {
		var h notes
		for range mails {
			at, ticket := l.deliver()
			h.noticed.All, h.shown.All = append(h.noticed.All, at), append(h.shown.All, ticket)
			h.behind.All = append(h.behind.All, ticket-at)
		}
		l.rounds = append(l.rounds, h)
	}
	return l.rounds[run]
}

// deliver puts one mail into the box.
func (l *listeners) deliver() (noticed, shown time.Duration) {
	l.mails++
	time.Sleep(time.Duration(50+l.mails*37%500) * time.Millisecond) // no rhythm of the server's
	mail := mailWith(fmt.Sprintf("user%d@example.org", l.mails), "help", invite(int64(l.mails), "").RA2())
	for len(l.events) > 0 {
		<-l.events
	}
	start := time.Now()
	l.server.Deliver(l.b, "help", mail)
	at, ticket := await(l.b, l.notices), await(l.b, l.events)
	return at.Sub(start), ticket.Sub(start)
}

// all is one side of all rounds.
func (l *listeners) all(of func(notes) ratio.Series) (all ratio.Series) {
	for _, h := range l.rounds {
		all.All = append(all.All, of(h).All...)
	}
	return all
}

// await is the next moment that something is told.
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
