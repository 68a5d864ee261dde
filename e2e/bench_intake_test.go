package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
)

// What row 8 is measured with.
const (
	intakeClaims = 2_000 // tickets to claim
	claimsPerSec = 50
)

// intake is a helpdesk with tickets to claim and a mailbox full of others.
type intake struct {
	*helpdesk
	people  *contender // who claims, and where
	first   *person
	running []*private.Process
}

// newIntake has its tickets handed in while nobody watches the mailbox.
func newIntake(b *testing.B, database, mailbox string) *intake {
	b.Helper()
	h := &intake{helpdesk: newHelpdeskOn(b, database, mailboxAt(mailbox, ""))}
	h.people = &contender{name: "inviter", addr: strings.TrimPrefix(h.url, "http://"), prefix: "/api/v1"}
	h.running = append(h.running, h.serveAlone())
	for i := range 8 {
		p := h.technician(fmt.Sprint("ada", i), "technician")
		h.people.tokens = append(h.people.tokens, p.token)
		h.first = p
	}
	h.first.handIn(intakeClaims)
	return h
}

// stop ends its programs, so that they are in nobody's way later.
func (h *intake) stop() {
	for _, p := range h.running {
		p.Stop()
	}
	h.running = nil
}

// steady claims one ticket after another at a steady pace until stop, or until
// none is left. A claim's time begins when it was due: one that had to wait for
// a late one before it is late too.
func (c *contender) steady(b *testing.B, stop <-chan struct{}) (each ratio.Series) {
	b.Helper()
	lines := make(chan *line, len(c.tokens))
	for _, l := range c.lines(b, cap(lines)) {
		lines <- l
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	begin := time.Now()
	for id := 1; id <= intakeClaims; id++ {
		due := begin.Add(time.Duration(id) * time.Second / claimsPerSec)
		select {
		case <-stop:
			all.Wait()
			return each
		case <-time.After(time.Until(due)):
		}
		all.Go(func() {
			l := <-lines
			status, err := l.claim(id)
			took := time.Since(due)
			lines <- l
			if err != nil || status != http.StatusOK {
				b.Errorf("claim %d: %d, %v", id, status, err)
			}
			mu.Lock()
			defer mu.Unlock()
			each.All = append(each.All, took)
		})
	}
	all.Wait()
	return each
}

// taken waits until so many mails are tickets.
func (h *intake) taken(mails int) {
	for {
		n, _ := strconv.ParseFloat(h.metric(`inviter_deliveries_total{outcome="queued",source="mailbox:helpdesk"}`), 64)
		if n >= float64(mails) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// way is how the program is set up, and how many mails there are to take.
type way struct {
	name     string
	mails    int
	database func() string // a fresh one for each run; "" is a file
	watch    func(h *intake)
}

// ways are one process that watches and serves, two, and one on PostgreSQL
// where this machine has it.
func ways(b *testing.B) []way {
	b.Helper()
	const mails, onPostgres = 20_000, 5_000
	file := func() string { return "" }
	one := func(h *intake) {
		h.stop()
		h.running = append(h.running, h.start("inviter", h.answers("/healthz", http.StatusOK), "serve"))
	}
	two := func(h *intake) { h.running = append(h.running, h.helpdesk.watch()) }
	if !private.HasPostgreSQL() {
		return []way{{"one process; PostgreSQL is missing here", mails, file, one}, {"two processes", mails, file, two}}
	}
	return []way{{"one process", mails, file, one}, {"two processes", mails, file, two},
		{"one process, on PostgreSQL", onPostgres, private.StartPostgreSQL(b).NewDatabase, one}}
}

// letters is a Maildir of so many mails with one small invitation each.
func letters(b *testing.B, n int) (dir string) {
	b.Helper()
	dir = b.TempDir()
	for i := range n {
		name := filepath.Join(dir, fmt.Sprintf("%d.M%dP1.bench", time.Now().Unix(), i))
		if err := os.WriteFile(name, mailWith(fmt.Sprintf("user%d@example.org", i), "help", invite(int64(i), "user").RA2()), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// BenchmarkClaimsDuringIntake has technicians claim at a steady pace while a
// backlog is taken from a mailbox, beside the same claims with nothing else
// going on, and the same intake without claims.
func BenchmarkClaimsDuringIntake(b *testing.B) {
	for _, w := range ways(b) {
		var users []string
		for i := range runs {
			users = append(users, fmt.Sprint("with", i), fmt.Sprint("alone", i), fmt.Sprint("least", i))
		}
		s, dir := private.Dovecot(b, private.DovecotOptions{Users: users}), letters(b, w.mails)
		for _, u := range users {
			account(b, s, u, dir)
		}
		keep(b, w.compare(b, s))
		s.Stop()
	}
}

// take lets one user's mails be taken while and goes on, and tells how many
// were taken a second.
func (w way) take(b *testing.B, url string, and func(h *intake, stop <-chan struct{})) float64 {
	b.Helper()
	h := newIntake(b, w.database(), url)
	defer h.stop()
	start, stop := time.Now(), make(chan struct{})
	w.watch(h)
	var claiming sync.WaitGroup
	claiming.Go(func() { and(h, stop) })
	h.taken(w.mails)
	took := time.Since(start)
	close(stop)
	claiming.Wait()
	return float64(w.mails) / took.Seconds()
}

func (w way) compare(b *testing.B, s *private.Mailserver) ratio.Table {
	b.Helper()
	rate := ratio.Quantity{Name: "mails taken a second", Unit: ratio.Rate, Aim: "≥ 0.75 × without claims"}
	claimed := func(each ratio.Series, put func(ratio.Quantity, float64)) {
		put(ratio.Quantity{Name: "claim, p50"}, float64(each.At(50)))
		put(ratio.Quantity{Name: "claim, p99", Aim: "≤ 3 × quiet"}, float64(each.At(99)))
		put(ratio.Quantity{Name: "claim, the longest of all runs", Aim: "≤ 50ms", Worst: true}, float64(each.At(100)))
	}
	url := func(user string, run int) string { return s.URL(fmt.Sprint(user, run), "INBOX") }
	quiet := func(people *contender, put func(ratio.Quantity, float64)) {
		stop := make(chan struct{})
		time.AfterFunc(8*time.Second, func() { close(stop) })
		claimed(people.steady(b, stop), put)
	}
	least := func() *contender { return leastServer(b, "-tickets", strconv.Itoa(intakeClaims+1)) }
	var with, alone float64
	t := ratio.Compare(fmt.Sprintf("Row 8: %d claims a second while %d mails are taken, %s", claimsPerSec, w.mails, w.name), runs,
		ratio.Contender{Name: "claims and intake", Run: func(run int, put func(ratio.Quantity, float64)) {
			got := w.take(b, url("with", run), func(h *intake, stop <-chan struct{}) { claimed(h.people.steady(b, stop), put) })
			with = max(with, got)
			put(rate, got)
		}},
		ratio.Contender{Name: "intake alone", Run: func(run int, put func(ratio.Quantity, float64)) {
			got := w.take(b, url("alone", run), func(*intake, <-chan struct{}) {})
			alone = max(alone, got)
			put(rate, got)
		}},
		ratio.Contender{Name: "the least server's claims beside that intake", Run: func(run int, put func(ratio.Quantity, float64)) {
			people := least()
			defer people.process.Stop()
			put(rate, w.take(b, url("least", run), func(_ *intake, stop <-chan struct{}) { claimed(people.steady(b, stop), put) }))
		}},
		ratio.Contender{Name: "its claims alone", Run: func(_ int, put func(ratio.Quantity, float64)) {
			people := least()
			defer people.process.Stop()
			quiet(people, put)
		}},
		ratio.Contender{Name: "claims alone", Run: func(_ int, put func(ratio.Quantity, float64)) {
			h := newIntake(b, w.database(), s.URL("help", "INBOX"))
			defer h.stop()
			quiet(h.people, put)
		}},
	)
	t.Rows = append(t.Rows, []string{"intake with claims / alone", ratio.Part(with, alone), "", "", "", "", "", "", "≥ 0.75"})
	return t
}
