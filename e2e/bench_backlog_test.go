package e2e_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
)

// installed are the named programs that this machine has; what is missing is
// said in a title.
func installed(names ...string) (found map[string]string, without string) {
	found = map[string]string{}
	for _, n := range names {
		if path, ok := private.Find(n); ok {
			found[n] = path
		} else {
			without += "; " + n + " is missing here"
		}
	}
	return found, without
}

// mailHost is a server on which each rival has a mailbox of its own for each
// run, all with the same mails.
func mailHost(b *testing.B, mails int, rivals ...string) *private.Mailserver {
	b.Helper()
	dir := backlog(b, mails)
	var users []string
	for i := range runs {
		for _, r := range rivals {
			users = append(users, fmt.Sprint(r, i))
		}
	}
	s := private.Dovecot(b, private.DovecotOptions{Users: users})
	for _, u := range users {
		account(b, s, u, dir)
	}
	return s
}

// A backlog of 5,000 mixed mails becomes durable tickets, beside a program that
// copies the same mailbox to files, and readers that only count; and one of
// 1,000 beside another such program that needs a minute for more.
func BenchmarkBacklog(b *testing.B) {
	const aim = ": aim ≤ 2.5 × the reader that stores nothing, better 2 ×"
	s, all := backlogs(b, 5000, "left", "whole", "mbsync")
	all = append(all,
		rival{"watcher once, mail left in place", func(i int) cost {
			return takeUp(b, s.URL(fmt.Sprint("left", i), "INBOX"), 5000, `processed = ""`)
		}},
		rival{"whole mails, counted", func(i int) cost { return wholeMails(b, s.Addr, fmt.Sprint("whole", i)) }})
	peers, without := installed("mbsync", "getmail")
	if path := peers["mbsync"]; path != "" {
		all = append(all, rival{"mbsync", func(i int) cost { return runMbsync(b, path, s.Addr, fmt.Sprint("mbsync", i)) }})
	}
	race(b, "Row 1: backlog of 5,000 mixed mails"+aim+without, all...)
	s.Stop()
	path := peers["getmail"]
	if path == "" {
		return
	}
	s, all = backlogs(b, 1000, "getmail")
	all = append(all, rival{"getmail6", func(i int) cost { return runGetmail(b, path, s.Addr, fmt.Sprint("getmail", i)) }})
	race(b, "Row 1: backlog of 1,000 mixed mails"+aim, all...)
}

// backlogs are mailboxes with so many mails for the floor, for ours, and for
// more; and the first two, who take theirs.
func backlogs(b *testing.B, mails int, more ...string) (*private.Mailserver, []rival) {
	b.Helper()
	s := mailHost(b, mails, append([]string{"floor", "ours"}, more...)...)
	return s, []rival{
		{"structures and parts, counted", func(i int) cost { return twoStep(b, s.Addr, fmt.Sprint("floor", i)) }},
		{"watcher once", func(i int) cost { return takeUp(b, s.URL(fmt.Sprint("ours", i), "INBOX"), mails, "") }},
	}
}

// distance is a line on which an answer takes 20 ms, at 100 Mbit/s, to mailboxes
// with so many mails.
type distance struct {
	b      *testing.B
	server *private.Mailserver
	mails  int
}

// rival works at the other end of the line, on mailboxes named like it.
func (d distance) rival(name string, run func(addr, user string) cost) rival {
	const speed, delay = 100e6 / 8, 10 * time.Millisecond
	user, _, _ := strings.Cut(name, " ")
	return rival{name, func(i int) cost {
		line := private.NewLine(d.b, d.server.Addr, speed, delay)
		c := run(line.Addr, fmt.Sprint(user, i))
		c.bytes, c.asked = float64(line.Bytes.Load())/float64(d.mails), float64(line.Asked.Load())/float64(d.mails)
		return c
	}}
}

// both are the floor and ours.
func (d distance) both() []rival {
	return []rival{
		d.rival("floor of structures and parts, counted", func(addr, user string) cost { return twoStep(d.b, addr, user) }),
		d.rival("ours (watcher once)", func(addr, user string) cost {
			return takeUp(d.b, "imap://"+user+"@"+addr+"/INBOX", d.mails, "")
		}),
	}
}

// The same over a line of 100 Mbit/s on which an answer takes 20 ms; and of
// fewer mails, beside a reader that asks for one after another.
func BenchmarkBacklogOnALine(b *testing.B) {
	const mails, few = 1000, 200
	title := func(mails int) string { return fmt.Sprintf("Row 2: %d mixed mails over 100 Mbit/s and 20 ms", mails) }
	peers, without := installed("mbsync")
	far := distance{b, mailHost(b, mails, "floor", "ours", "whole", "mbsync"), mails}
	all := append(far.both(), far.rival("whole mails, counted", func(addr, user string) cost { return wholeMails(b, addr, user) }))
	if path := peers["mbsync"]; path != "" {
		all = append(all, far.rival("mbsync", func(addr, user string) cost { return runMbsync(b, path, addr, user) }))
	}
	race(b, title(mails)+": aim ≤ 1.3 × the floor, ≤ 4.5 KB and ≤ 0.02 commands a mail"+without, all...)
	far.server.Stop()
	far = distance{b, mailHost(b, few, "floor", "ours", "single"), few}
	race(b, title(few)+": the same beside a FETCH for each mail", append(far.both(),
		far.rival("single mails, a FETCH each", func(addr, user string) cost { return oneByOne(b, addr, user, few) }))...)
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
