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

// A backlog of 5,000 mixed mails becomes durable tickets, beside programs that
// copy the same mailbox to files, and readers that only count.
func BenchmarkBacklog(b *testing.B) {
	const mails = 5000
	peers, without := installed("mbsync", "getmail")
	s := mailHost(b, mails, "floor", "ours", "left", "whole", "mbsync", "getmail")
	all := []rival{
		{"structures and parts, counted", 0, func(i int) cost { return twoStep(b, s.Addr, fmt.Sprint("floor", i)) }},
		{"watcher once", 0, func(i int) cost { return takeUp(b, s.URL(fmt.Sprint("ours", i), "INBOX"), mails, "") }},
		{"watcher once, mail left in place", 0, func(i int) cost {
			return takeUp(b, s.URL(fmt.Sprint("left", i), "INBOX"), mails, `processed = ""`)
		}},
		{"whole mails, counted", 0, func(i int) cost { return wholeMails(b, s.Addr, fmt.Sprint("whole", i)) }},
	}
	if path := peers["mbsync"]; path != "" {
		all = append(all, rival{"mbsync, once", 1, func(i int) cost { return runMbsync(b, path, s.Addr, fmt.Sprint("mbsync", i)) }})
	}
	if path := peers["getmail"]; path != "" {
		all = append(all, rival{"getmail6, once", 1, func(i int) cost { return runGetmail(b, path, s.Addr, fmt.Sprint("getmail", i)) }})
	}
	race(b, fmt.Sprintf("Row 1: backlog of %d mixed mails: aim ≤ 2.5 × the reader that stores nothing, better 2 ×%s", mails, without), all...)
}

// The same over a line of 100 Mbit/s on which an answer takes 20 ms.
func BenchmarkBacklogOnALine(b *testing.B) {
	const mails, speed, delay = 1000, 100e6 / 8, 10 * time.Millisecond
	peers, without := installed("mbsync")
	s := mailHost(b, mails, "floor", "ours", "whole", "single", "mbsync")
	over := func(name string, runs int, run func(addr, user string) cost) rival {
		user, _, _ := strings.Cut(name, " ")
		return rival{name, runs, func(i int) cost {
			line := private.NewLine(b, s.Addr, speed, delay)
			c := run(line.Addr, fmt.Sprint(user, i))
			c.bytes, c.asked = float64(line.Bytes.Load())/mails, float64(line.Asked.Load())/mails
			return c
		}}
	}
	all := []rival{
		over("floor of structures and parts, counted", 0, func(addr, user string) cost { return twoStep(b, addr, user) }),
		over("ours (watcher once)", 0, func(addr, user string) cost {
			return takeUp(b, "imap://"+user+"@"+addr+"/INBOX", mails, "")
		}),
		over("whole mails, counted", 0, func(addr, user string) cost { return wholeMails(b, addr, user) }),
		over("single mails, a FETCH each, once", 1, func(addr, user string) cost { return oneByOne(b, addr, user, mails) }),
	}
	if path := peers["mbsync"]; path != "" {
		all = append(all, over("mbsync once", 1, func(addr, user string) cost { return runMbsync(b, path, addr, user) }))
	}
	race(b, fmt.Sprintf("Row 2: %d mixed mails over 100 Mbit/s and 20 ms: aim ≤ 1.3 × the floor, ≤ 4.5 KB and ≤ 0.02 commands a mail%s", mails, without), all...)
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
