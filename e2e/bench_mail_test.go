package e2e_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
)

// backlog is a Maildir of mixed mails: 70 % small invitations, 10 % zipped ones,
// 10 % without any, 5 % forwarded, 5 % with a screenshot of 2 MB beside the
// invitation.
func backlog(b *testing.B, mails int) (dir string) {
	b.Helper()
	dir = b.TempDir()
	for i := range mails {
		name := filepath.Join(dir, fmt.Sprintf("%d.M%dP1.bench", time.Now().Unix(), i))
		if err := os.WriteFile(name, mixed(b, i), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// mixed is the i-th of them.
func mixed(b *testing.B, i int) []byte {
	b.Helper()
	from, file := fmt.Sprintf("user%d@example.org", i), invite(int64(i), "user").RA2()
	switch i % 20 {
	case 0, 10:
		return fmt.Appendf(nil, "From: %s\r\nSubject: hello\r\n\r\nNothing attached.\r\n", from)
	case 3, 13:
		return bytes.Replace(mailWith(from, "help", zipped(b, file)), []byte("Invitation.msrcIncident"), []byte("invite.zip"), 1)
	case 7:
		return forwarded(mailWith(from, "help", file))
	case 11:
		return withScreenshot(mailWith(from, "help", file), 2<<20)
	}
	return mailWith(from, "help", file)
}

func zipped(b *testing.B, file []byte) []byte {
	b.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create("Invitation.msrcIncident")
	if err == nil {
		_, err = w.Write(file)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

func forwarded(mail []byte) []byte {
	return append([]byte("From: colleague@example.org\r\nTo: help@example.org\r\nSubject: Fwd: help\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\nContent-Type: text/plain\r\n\r\nplease see\r\n--f\r\n"+
		"Content-Type: message/rfc822\r\n\r\n"), append(mail, "\r\n--f--\r\n"...)...)
}

func withScreenshot(mail []byte, size int) []byte {
	line := strings.Repeat("QUJD", 19) + "\r\n"
	part := "--b\r\nContent-Type: image/png; name=screen.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		strings.Repeat(line, size/len(line)+1)
	return bytes.Replace(mail, []byte("--b--\r\n"), []byte(part+"--b--\r\n"), 1)
}

// account gives one account of the server its own copy of the mails. They are
// the server's own, as delivered mail is: what belongs to somebody else, a
// system that protects hard links has it copy when it moves it, byte for byte.
func account(b *testing.B, s *private.Mailserver, user, mails string) {
	b.Helper()
	root := filepath.Join(s.Dir, "mail")
	var owner []string
	for _, sub := range []string{"", "cur", "new", "tmp"} {
		owner = append(owner, filepath.Join(root, user, sub))
		if err := os.MkdirAll(filepath.Join(root, user, sub), 0o755); err != nil {
			b.Fatal(err)
		}
	}
	files, err := os.ReadDir(mails)
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		if err := os.Link(filepath.Join(mails, f.Name()), filepath.Join(root, user, "new", f.Name())); err != nil {
			b.Fatal(err)
		}
	}
	timed(b, exec.Command("chown", append([]string{"-R", "--reference=" + root, mails}, owner...)...))
}

// cost is what one run took.
type cost struct {
	took, cpu time.Duration
	peak      int64 // bytes of memory; 0 for what runs within the benchmark itself
}

// costOf runs a program to its end.
func costOf(b *testing.B, cmd *exec.Cmd) (c cost, out string) {
	b.Helper()
	var text, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &errs
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.peak = max(c.peak, peakOf(cmd.Process.Pid))
		case err := <-ended:
			c.took = time.Since(start)
			if err != nil {
				b.Fatalf("%v: %v\n%s%s", cmd.Args, err, text.Bytes(), errs.Bytes())
			}
			c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			return c, text.String()
		}
	}
}

// peakOf is the most memory that a running program has had resident. (What
// wait4 says of it includes the memory of who started it.)
func peakOf(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	var kb int64
	_, _ = fmt.Sscan(rest, &kb)
	return kb << 10
}

// pass is one pass of the watcher as a program of its own.
func (h *helpdesk) pass() *exec.Cmd {
	cmd := exec.CommandContext(h.t.Context(), filepath.Join(bin, "watcher"), "once", "--json", "--config", h.config)
	cmd.Dir, cmd.Env = h.dir, h.env()
	return cmd
}

// rounds is how often each is measured, at most.
const rounds = 3

// rival is one of those that are measured beside each other.
type rival struct {
	name string
	runs int
	run  func(i int) cost
}

// race measures all in turn, the first one being what the others are compared with.
func race(b *testing.B, title string, rivals ...rival) {
	b.Helper()
	costs := make([][]cost, len(rivals))
	for i := range rounds {
		for r, rival := range rivals {
			if i < rival.runs {
				if c := rival.run(i); c.took > 0 {
					costs[r] = append(costs[r], c)
				}
			}
		}
	}
	rows := [][]string{{"", "best", "median", "× the least", "CPU", "peak memory"}}
	var least time.Duration
	for r, all := range costs {
		if len(all) == 0 {
			continue // it did not finish
		}
		slices.SortFunc(all, func(a, b cost) int { return cmp.Compare(a.took, b.took) })
		best := all[0]
		least = cmp.Or(least, best.took)
		row := []string{rivals[r].name, round(best.took), round(all[len(all)/2].took), fmt.Sprintf("%.2f", float64(best.took)/float64(least)), "", ""}
		if best.peak > 0 {
			row[4], row[5] = round(best.cpu), fmt.Sprintf("%d MB", best.peak>>20)
		}
		rows = append(rows, row)
		b.ReportMetric(float64(best.took)/float64(least), strings.ReplaceAll(rivals[r].name, " ", "-")+"/least")
	}
	table(b, title, rows)
	b.ReportMetric(0, "ns/op")
}

// A backlog of 5,000 mixed mails becomes durable tickets, beside programs that
// copy the same mailbox to files, and readers that only count.
func BenchmarkBacklog(b *testing.B) {
	const mails = 5000
	mbsync, getmail := private.Program(b, "mbsync"), private.Program(b, "getmail")
	dir := backlog(b, mails)
	rivals := []string{"floor", "ours", "left", "whole", "mbsync", "getmail"}
	var users []string
	for i := range rounds {
		for _, r := range rivals {
			users = append(users, fmt.Sprint(r, i))
		}
	}
	s := private.Dovecot(b, private.DovecotOptions{Users: users})
	for _, u := range users {
		account(b, s, u, dir)
	}
	race(b, fmt.Sprintf("backlog of %d mixed mails", mails),
		rival{"structures and parts, counted", rounds, func(i int) cost { return twoStep(b, s.Addr, fmt.Sprint("floor", i)) }},
		rival{"watcher once", rounds, func(i int) cost { return takeUp(b, s.URL(fmt.Sprint("ours", i), "INBOX"), mails, "") }},
		rival{"watcher once, mail left in place", rounds, func(i int) cost {
			return takeUp(b, s.URL(fmt.Sprint("left", i), "INBOX"), mails, `processed = ""`)
		}},
		rival{"whole mails, counted", rounds, func(i int) cost { return wholeMails(b, s.Addr, fmt.Sprint("whole", i)) }},
		rival{"mbsync", 1, func(i int) cost { return runMbsync(b, mbsync, s.Addr, fmt.Sprint("mbsync", i)) }},
		rival{"getmail6", 1, func(i int) cost { return runGetmail(b, getmail, s.Addr, fmt.Sprint("getmail", i)) }},
	)
}

// The same over a line of 100 Mbit/s on which an answer takes 20 ms.
func BenchmarkBacklogOnALine(b *testing.B) {
	const mails, speed, delay = 1000, 100e6 / 8, 10 * time.Millisecond
	dir := backlog(b, mails)
	var users []string
	for i := range rounds {
		users = append(users, fmt.Sprint("floor", i), fmt.Sprint("ours", i), fmt.Sprint("whole", i))
	}
	s := private.Dovecot(b, private.DovecotOptions{Users: users})
	for _, u := range users {
		account(b, s, u, dir)
	}
	var passed [][]string
	over := func(name string, run func(addr string) cost) cost {
		line := newLine(b, s.Addr, speed, delay)
		c := run(line.addr)
		passed = append(passed, []string{name, fmt.Sprint(line.bytes.Load() / mails), fmt.Sprintf("%.3f", float64(line.asked.Load())/mails)})
		return c
	}
	race(b, fmt.Sprintf("backlog of %d mixed mails over 100 Mbit/s and 20 ms", mails),
		rival{"structures and parts, counted", rounds, func(i int) cost {
			user := fmt.Sprint("floor", i)
			return over("structures and parts, counted", func(addr string) cost { return twoStep(b, addr, user) })
		}},
		rival{"watcher once", rounds, func(i int) cost {
			user := fmt.Sprint("ours", i)
			return over("watcher once", func(addr string) cost { return takeUp(b, "imap://"+user+"@"+addr+"/INBOX", mails, "") })
		}},
		rival{"whole mails, counted", rounds, func(i int) cost {
			user := fmt.Sprint("whole", i)
			return over("whole mails, counted", func(addr string) cost { return wholeMails(b, addr, user) })
		}},
	)
	table(b, "over the line, each mail", append([][]string{{"", "bytes", "lines from us"}}, passed[:3]...))
}

// takeUp is a watcher's pass over the mailbox, with a fresh database.
func takeUp(b *testing.B, url string, mails int, more string) cost {
	b.Helper()
	h := newHelpdesk(b, mailboxAt(url, more))
	c, out := costOf(b, h.pass())
	if !strings.Contains(out, fmt.Sprintf(`"queued":%d,`, mails*18/20)) {
		b.Fatalf("not all were queued: %s", out)
	}
	return c
}

func runMbsync(b *testing.B, program, addr, user string) cost {
	b.Helper()
	host, port, _ := net.SplitHostPort(addr)
	to := b.TempDir()
	config := filepath.Join(to, "mbsyncrc")
	text := fmt.Sprintf("IMAPAccount a\nHost %s\nPort %s\nUser %s\nPass secret\nSSLType None\nAuthMechs LOGIN\n\n"+
		"IMAPStore far\nAccount a\n\nMaildirStore near\nPath %s/\nInbox %s/inbox\n\n"+
		"Channel c\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\nSyncState *\n", host, port, user, to, to)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	c, _ := costOf(b, exec.Command(program, "-q", "-c", config, "c"))
	return c
}

func runGetmail(b *testing.B, program, addr, user string) cost {
	b.Helper()
	host, port, _ := net.SplitHostPort(addr)
	to := private.Folder(b)
	box := filepath.Join(to, "box")
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(box, sub), 0o755); err != nil {
			b.Fatal(err)
		}
	}
	text := fmt.Sprintf("[retriever]\ntype = SimpleIMAPRetriever\nserver = %s\nport = %s\nusername = %s\npassword = secret\n\n"+
		"[destination]\ntype = Maildir\npath = %s/\n", host, port, user, box)
	if os.Geteuid() == 0 { // it delivers nothing as root
		text += "user = nobody\n"
		timed(b, exec.Command("chown", "-R", "nobody", box))
	}
	text += "\n[options]\nread_all = true\nverbose = 0\n"
	if err := os.WriteFile(filepath.Join(to, "getmailrc"), []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(program, "--getmaildir", to, "--rcfile", "getmailrc")
	start := time.Now()
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return cost{took: time.Since(start)}
	case strings.Contains(string(out), "waiting child pid"): // now and then it waits for a child that it has already reaped
		b.Logf("getmail6 did not finish: %s", out)
		return cost{}
	}
	b.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	return cost{}
}

// A look at a mailbox with nothing new costs the same whatever it holds; so do
// a hundred new mails, but for the server's own work.
func BenchmarkIdlePoll(b *testing.B) {
	sizes := []int{1_000, 20_000, 100_000}
	var looks, news []rival
	var passed []string
	for _, n := range sizes {
		box := idle(b, n)
		name := fmt.Sprint(n, " old mails")
		looks = append(looks, rival{name, rounds, func(i int) cost {
			before := box.relay.bytes.Load()
			c, out := costOf(b, box.desk.pass())
			if !strings.Contains(out, `"seen":0,`) {
				b.Fatalf("not idle: %s", out)
			}
			if i == 0 {
				passed = append(passed, fmt.Sprint(box.relay.bytes.Load()-before))
			}
			return c
		}})
		news = append(news, rival{name, rounds, func(i int) cost {
			for k := range 100 {
				seed := i*100 + k
				box.server.Deliver(b, "idle", mailWith(fmt.Sprintf("new%d@example.org", seed), "help", invite(int64(seed), "").RA2()))
			}
			c, out := costOf(b, box.desk.pass())
			if !strings.Contains(out, `"queued":100,`) {
				b.Fatalf("not all were queued: %s", out)
			}
			return c
		}})
	}
	race(b, "one idle pass, with log-in, as a process of its own", looks...)
	table(b, "bytes of it over the line", [][]string{append([]string{"1,000, 20,000, 100,000:"}, passed...)})
	race(b, "a pass with 100 new mails", news...)
}

type idleBox struct {
	server *private.Mailserver
	desk   *helpdesk
	relay  *relay
}

// idle is a mailbox whose mails were all looked at before.
func idle(b *testing.B, mails int) idleBox {
	b.Helper()
	s := private.Dovecot(b, private.DovecotOptions{Users: []string{"idle"}})
	s.Fill(b, "idle", private.Fill{Mail: []byte("From: user@example.org\r\nSubject: hello\r\n\r\nNothing attached.\r\n"), Number: mails})
	r := newRelay(b, s.Addr)
	h := newHelpdesk(b, mailboxAt("imap://idle@"+r.addr+"/INBOX", ""))
	if c, out := costOf(b, h.pass()); !strings.Contains(out, fmt.Sprintf(`"ignored":%d`, mails)) {
		b.Fatalf("first pass: %s", out)
	} else {
		fmt.Printf("first pass over %d ordinary mails: %s, peak memory %d MB\n", mails, round(c.took), c.peak>>20)
	}
	return idleBox{s, h, r}
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
	rows := [][]string{{"", "p50", "p95", "p99"}}
	for _, r := range []struct {
		name string
		d    []time.Duration
	}{{"the server tells a bare IDLE client", noticed}, {"the ticket is on the page", shown}, {"… after the server told", behind}} {
		slices.Sort(r.d)
		at := func(q int) string { return round(r.d[min(len(r.d)-1, len(r.d)*q/100)]) }
		rows = append(rows, []string{r.name, at(50), at(95), at(99)})
	}
	table(b, fmt.Sprintf("from delivery to the page, %d mails", mails), rows)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(median(behind).Microseconds())/1000, "ms-behind")
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
