package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	netmail "net/mail"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"inviter/e2e/private"
)

// office is a real mail server with a helpdesk behind it.
type office struct {
	*helpdesk
	box   *private.Mailserver
	relay *private.Mailer
}

// newOffice has the accounts help, desk, jane and joe, all at example.org.
// The helpdesk hands its mails to via, "" for the mail server itself.
func newOffice(t *testing.T, via string) *office {
	t.Helper()
	box := private.Dovecot(t, private.DovecotOptions{Users: []string{"jane", "joe", "desk"}})
	o := &office{box: box, relay: private.Postfix(t, box)}
	if via == "" {
		via = o.relay.Addr
	}
	o.helpdesk = newHelpdesk(t, mailboxAt(box.URL("help", "INBOX"), ""), smtpAt(via, "help@example.org"))
	return o
}

func smtpAt(address, from string) string {
	return fmt.Sprintf("[smtp]\nurl = \"smtp://%s\"\nfrom = \"Helpdesk <%s>\"\n", address, from)
}

// mails sends a mail as the user's own program does.
func (o *office) mails(from string, mail []byte, to ...string) {
	o.t.Helper()
	if err := smtp.SendMail(o.relay.Addr, nil, from, to, mail); err != nil {
		o.t.Fatal(err)
	}
}

// letter is one mail in somebody's mailbox.
type letter struct {
	*netmail.Message
	raw string // without what mail servers add on the way
}

// inbox is what lies in an account's mailbox, in the order of its delivery.
func (o *office) inbox(account string) []letter {
	o.t.Helper()
	files, _ := filepath.Glob(filepath.Join(o.box.Dir, "mail", account, "*", "*.*"))
	slices.SortFunc(files, func(a, b string) int { return delivered(a).Compare(delivered(b)) })
	var list []letter
	for _, f := range files {
		if folder := filepath.Base(filepath.Dir(f)); folder != "new" && folder != "cur" {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			o.t.Fatal(err)
		}
		m, err := netmail.ReadMessage(bytes.NewReader(b))
		if err != nil {
			o.t.Fatal(err)
		}
		head, body, _ := strings.Cut(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n\n")
		var own []string
		on := false
		for line := range strings.Lines(head) {
			if line[0] != ' ' && line[0] != '\t' {
				name, _, _ := strings.Cut(line, ":")
				on = !slices.Contains([]string{"Return-Path", "X-Original-To", "Delivered-To", "Received"}, name)
			}
			if on {
				own = append(own, line)
			}
		}
		list = append(list, letter{m, strings.Join(own, "") + "\n" + body})
	}
	return list
}

// delivered is when a mail was written. Its name doesn't tell: Postfix takes
// the seconds in it from another moment than the microseconds.
func delivered(file string) (at time.Time) {
	if i, err := os.Stat(file); err == nil {
		at = i.ModTime()
	}
	return at
}

// gets waits until so many mails lie in the mailbox.
func (o *office) gets(account string, n int) []letter {
	o.t.Helper()
	var list []letter
	eventually(o.t, fmt.Sprintf("%d mails for %s", n, account), func() error {
		if list = o.inbox(account); len(list) < n {
			return fmt.Errorf("there are %d", len(list))
		}
		return nil
	})
	return list
}

// link is the status page that a mail leads to, as a path.
func (o *office) link(l letter) string {
	o.t.Helper()
	_, rest, found := strings.Cut(strings.ReplaceAll(l.raw, "=\n", ""), o.url+"/t/")
	if !found || len(rest) < 26 {
		o.t.Fatalf("no link in\n%s", l.raw)
	}
	return "/t/" + rest[:26]
}

// The answer comes back into the user's own mailbox, as an answer to that very
// mail: the mail server itself threads the two.
func TestAnswerComesBackThreaded(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.serve()
	o.mails("jane@example.org", mailWith("Jane Doe <jane@example.org>", "Printer", invite(1, "jdoe").RA2()), "help@example.org", "jane@example.org")
	list := o.gets("jane", 2)
	asked, answer := list[0], list[1]
	if asked.Header.Get("X-Inviter-Instance") != "" {
		asked, answer = answer, asked
	}
	for name, want := range map[string]string{
		"In-Reply-To": asked.Header.Get("Message-ID"), "References": asked.Header.Get("Message-ID"), "Auto-Submitted": "auto-replied", "Return-Path": "<>",
		"Subject": "Your invitation is in line, number 1",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	out, err := exec.Command(private.Program(t, "curl"), "-sS", "--url", "imap://"+o.box.Addr+"/INBOX", "--user", "jane:secret", "-X", "THREAD REFERENCES UTF-8 ALL").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "(1 2)") {
		t.Errorf("the mail server threads them so: %s %v", out, err)
	}
	if a, err := http.Get(o.url + o.link(answer)); err != nil || a.StatusCode != http.StatusOK {
		t.Errorf("the link: %v %v", a, err)
	}
	mail := mailWith("Joe <joe@example.org>", "kaputt", invite(2, "joe").RA2()[:900])
	o.mails("joe@example.org", bytes.Replace(mail, []byte("The printer does not print."), []byte("Hallo, mein Drucker geht nicht mehr und ich weiß nicht, warum das so ist. Bitte helfen Sie mir."), 1), "help@example.org")
	if l := o.gets("joe", 1)[0]; !strings.Contains(l.raw, "So geht es") {
		t.Errorf("a German mail that can't be used was answered\n%s", l.raw)
	}
}

// Greylisting, an unknown user, and a server that is away: what can be sent
// later is, what can't be is given up visibly, and nobody waits for another.
func TestAnswersThroughTrouble(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.relay.Refuse(t, "jane@example.org 451 4.7.1 greylisted", "joe@example.org 550 5.1.1 no such user")
	serve := o.serve()
	o.mails("jane@example.org", mailWith("jane@example.org", "a", invite(1, "jdoe").RA2()), "help@example.org")
	o.mails("joe@example.org", mailWith("joe@example.org", "b", invite(2, "joe").RA2()), "help@example.org")
	o.technician("ada", "technician").appear(2, "waiting")
	eventually(t, "joe's given up, jane's tried", func() error {
		if out := serve.Output(); !strings.Contains(out, "given up") || !strings.Contains(out, "will be tried again") {
			return errors.New(out)
		}
		return nil
	})
	for metric, want := range map[string]string{"inviter_outbox_pending": "1", "inviter_outbox_lost": "1"} {
		eventually(t, metric, func() error { // the log is a moment ahead of the queue
			if got := o.metric(metric); got != want {
				return fmt.Errorf("is %s, want %s", got, want)
			}
			return nil
		})
	}
	o.relay.Refuse(t)
	began := time.Now()
	o.gets("jane", 1)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("tried again after %v", took)
	}
	if n := len(o.inbox("joe")); n != 0 {
		t.Errorf("%d mails for joe", n)
	}
}

// metric is a number of /metrics.
func (h *helpdesk) metric(name string) string {
	h.t.Helper()
	resp, err := http.Get(h.url + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return value
		}
	}
	return ""
}

// tap stands between the helpdesk and the mail server and looks at every step
// of sending. What hold answers true for goes no further: the line is cut.
type tap struct {
	addr string
	mu   sync.Mutex
	to   string // where it leads
	hold func(step string) bool
}

func newTap(t *testing.T) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &tap{addr: l.Addr().String()}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(near)
		}
	}()
	return p
}

// leads sets where the tap leads, and what it holds back.
func (p *tap) leads(to string, hold func(step string) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to, p.hold = to, hold
}

func (p *tap) now() (to string, hold func(string) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.to, p.hold
}

func (p *tap) pass(near net.Conn) {
	defer near.Close()
	to, stops := p.now()
	far, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer far.Close()
	if stops("connected") {
		return
	}
	ended := make(chan struct{}, 2)
	sent := make(chan struct{})
	go func() { // the helpdesk speaks
		defer func() { ended <- struct{}{} }()
		in := bufio.NewReader(near)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			if slices.Contains([]string{"EHLO", "MAIL", "RCPT", "DATA", "."}, word) && stops(word) {
				return
			}
			if word == "." {
				close(sent)
			}
			if _, err := far.Write([]byte(line)); err != nil {
				return
			}
		}
	}()
	go func() { // the mail server answers
		defer func() { ended <- struct{}{} }()
		in := bufio.NewReader(far)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			select {
			case <-sent:
				if stops("taken") {
					return
				}
			default:
			}
			if _, err := near.Write([]byte(line)); err != nil {
				return
			}
		}
	}()
	<-ended
}

// Killed at each step of sending, and cut off after the last byte: the user
// gets the answer, and if he gets it twice it is the same mail.
func TestKilledWhileSending(t *testing.T) {
	t.Parallel()
	p := newTap(t)
	o := newOffice(t, p.addr)
	steps := []string{"connected", "EHLO", "MAIL", "RCPT", "DATA", ".", "taken"}
	reached := make(chan struct{})
	kill := func(step string) (serve *private.Process) {
		var once sync.Once
		p.leads(o.relay.Addr, func(s string) bool {
			if s == step {
				once.Do(func() { reached <- struct{}{} })
				<-t.Context().Done() // nothing goes on: the program dies in this very step
			}
			return s == step
		})
		return o.serve()
	}
	for i, step := range steps {
		serve := kill(step)
		if i == 0 {
			o.mails("jane@example.org", mailWith("jane@example.org", "a", invite(1, "jdoe").RA2()), "help@example.org")
		}
		select {
		case <-reached:
		case <-time.After(private.Patience):
			t.Fatalf("never reached %s\n%s", step, serve.Output())
		}
		serve.Kill()
	}
	var cut sync.Once
	p.leads(o.relay.Addr, func(s string) (now bool) { // taken, and the answer is lost on the way
		if s == "taken" {
			cut.Do(func() { now = true })
		}
		return now
	})
	serve := o.serve()
	eventually(t, "sent in the end", func() error {
		if out := serve.Output(); !strings.Contains(out, "msg=sent") {
			return errors.New(out)
		}
		return nil
	})
	list := o.gets("jane", 3) // killed after it was taken, cut off after it was taken, and in the end
	for _, l := range list[1:] {
		if l.raw != list[0].raw {
			t.Errorf("two different answers:\n%s\n%s", list[0].raw, l.raw)
		}
	}
	if n := len(list); n != 3 {
		t.Errorf("%d mails", n)
	}
}

// Two helpdesks that write to each other, and a program that answers
// everything with what it got, come to an end after at most two mails.
func TestLoopsEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	other := newHelpdesk(t, mailboxAt(o.box.URL("desk", "INBOX"), ""), smtpAt(o.relay.Addr, "desk@example.org"))
	o.serve()
	other.serve()
	broken := mailWith("Desk <desk@example.org>", "x", invite(1, "jdoe").RA2()[:900])
	o.mails("desk@example.org", broken, "help@example.org")
	o.mails("help@example.org", mailWith("Help <help@example.org>", "x", invite(2, "jdoe").RA2()[:900]), "desk@example.org")

	ctx, stop := context.WithCancel(t.Context())
	var robot sync.WaitGroup
	robot.Go(func() { // answers every mail to jane, and says nowhere that it is a program
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for seen := 0; ctx.Err() == nil; <-tick.C {
			for _, l := range o.inbox("jane")[seen:] {
				seen++
				again := mailWith("jane@example.org", "Re: "+l.Header.Get("Subject"), invite(int64(10+seen), "jane").RA2()[:900])
				if err := smtp.SendMail(o.relay.Addr, nil, "jane@example.org", []string{"help@example.org"}, again); err != nil {
					t.Error(err)
				}
			}
		}
	})
	o.mails("jane@example.org", mailWith("jane@example.org", "x", invite(9, "jane").RA2()[:900]), "help@example.org")
	o.gets("jane", 2)
	quiet := func() int { return len(o.inbox("jane")) + len(o.inbox("desk")) + len(o.inbox("help")) }
	before, since := quiet(), time.Now()
	eventually(t, "nothing more is sent", func() error {
		if n := quiet(); n != before {
			before, since = n, time.Now()
		}
		if time.Since(since) < 6*time.Second {
			return fmt.Errorf("%d mails so far", before)
		}
		return nil
	})
	stop()
	robot.Wait()
	count := func(account string) (n int) {
		for _, l := range o.inbox(account) {
			if l.Header.Get("X-Inviter-Instance") != "" {
				n++
			}
		}
		return n
	}
	if n := count("jane"); n > 2 {
		t.Errorf("%d answers to a program that answers everything", n)
	}
	if a, b := count("help"), count("desk"); a+b > 2 {
		t.Errorf("two helpdesks wrote each other %d answers", a+b)
	}
}

// reaches is sees across a form that leads to another page.
func (r *reader) reaches(what, condition string) {
	r.t.Helper()
	eventually(r.t, what, func() error {
		ok, err := chromedp.Run(r.tab, chromedp.Evaluate[bool](condition))
		if err == nil && !ok {
			err = errors.New("not yet")
		}
		return err
	})
}

// The whole journey: a mail from a user's mailbox becomes a ticket, is claimed,
// the user reads who is coming, withdraws on the status page, the holder sees it
// at once, and nobody can connect.
func TestTheWholeJourney(t *testing.T) {
	t.Parallel()
	browser := private.Chromium(t)
	o := newOffice(t, "")
	o.serve()
	grace := o.technician("grace", "technician")
	page := o.signIn(t, browser, "grace")
	o.mails("jane@example.org", mailWith("Jane Doe <jane@example.org>", "Printer", invite(1, "jdoe").RA2()), "help@example.org")
	id := grace.appear(1, "waiting")[0].ID
	queued := o.gets("jane", 1)[0]
	if !strings.Contains(queued.raw, "You are next in line") {
		t.Errorf("the first answer:\n%s", queued.raw)
	}
	user := &reader{t, private.Tab(t, browser)}
	user.do(chromedp.Navigate(o.url + o.link(queued)))
	user.sees("the place", `document.querySelector("h1").textContent === "You are next in line"`)

	page.sees("the row", row(id, "button.claim")+" !== null")
	page.click(id, "button.claim")
	page.sees("the opened row", row(id, ".open")+" !== null")
	user.sees("who is coming", `document.querySelector("h1").textContent === "Grace is on the way"`)
	words, err := chromedp.Run(user.tab, chromedp.Evaluate[string](`document.querySelector(".phrase").textContent`))
	if err != nil || !strings.Contains(page.reads(id), words) {
		t.Errorf("the user sees the words %q (%v), the technician\n%s", words, err, page.reads(id))
	}
	claimed := o.gets("jane", 2)[1]
	if claimed.Header.Get("Subject") != "Grace is on the way, number 1" || !strings.Contains(claimed.raw, words) || o.link(claimed) != o.link(queued) {
		t.Errorf("the second answer:\n%s", claimed.raw)
	}
	grace.wants(http.StatusOK, http.MethodPost, grace.on(id, "invitation"), map[string]int{"claim": 1})

	user.do(chromedp.Click(`#do details:nth-of-type(2) summary`), chromedp.Click(`#do details[open] .ends`))
	user.reaches("the end", `document.querySelector("h1").textContent === "You have withdrawn it"`)
	page.sees("that the user ended it", row(id, "button:enabled")+" === null")
	for _, verb := range []string{"invitation", "renew", "claim"} {
		if a := grace.call(http.MethodPost, grace.on(id, verb), map[string]int{"claim": 1}); a.Status != http.StatusGone {
			t.Errorf("%s after the end: %d %s", verb, a.Status, a.Body)
		}
	}
	if n := len(o.inbox("jane")); n != 2 {
		t.Errorf("%d mails; the user's own end needs none", n)
	}
}
