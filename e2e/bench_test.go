package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"inviter/e2e/private"
)

// Benchmarks of the whole program beside a peer or a floor, taken in turn in
// one run: only the ratios mean anything. `make bench` prints the tables.

// runs is how often each side of a comparison is measured, in turn.
const runs = 5

// compare measures ours and the other in turn and prints a table.
func compare(b *testing.B, title, peer string, ours, other func(run int) time.Duration) {
	b.Helper()
	var a, o []time.Duration
	for run := range runs {
		a, o = append(a, ours(run)), append(o, other(run))
	}
	ratio := float64(median(a)) / float64(median(o))
	table(title, [][]string{
		{"", "median", "fastest", "slowest"},
		{"ours", round(median(a)), round(slices.Min(a)), round(slices.Max(a))},
		{peer, round(median(o)), round(slices.Min(o)), round(slices.Max(o))},
		{"ratio", fmt.Sprintf("%.2f", ratio)},
	})
	b.ReportMetric(ratio, "ours/peer")
	b.ReportMetric(0, "ns/op")
}

func median(d []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[len(s)/2]
}

func round(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

func table(title string, rows [][]string) {
	fmt.Printf("\n%s\n", title)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(w, "  "+strings.Join(r, "\t"))
	}
	w.Flush()
}

// timed runs a command to its end.
func timed(b *testing.B, cmd *exec.Cmd) time.Duration {
	b.Helper()
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return time.Since(start)
}

// backlog is a Maildir of mixed mails: 75 % small invitations, 15 % without,
// 5 % forwarded, 5 % with a screenshot of 2 MB beside the invitation.
func backlog(b *testing.B, mails int) string {
	b.Helper()
	dir := b.TempDir()
	screenshot := make([]byte, 1<<20)
	for i := range screenshot {
		screenshot[i] = byte(i * i >> 7)
	}
	for i := range mails {
		mail := mailWith(fmt.Sprintf("user%d@example.org", i), "help", invite(int64(i), "user").RA2())
		switch i % 20 {
		case 0, 7, 14:
			mail = []byte(fmt.Sprintf("From: user%d@example.org\r\nSubject: hello\r\n\r\nNothing attached.\r\n", i))
		case 3:
			mail = forwarded(mail)
		case 11:
			mail = withScreenshot(mail, screenshot)
		}
		name := filepath.Join(dir, fmt.Sprintf("%d.M%dP1.bench", time.Now().Unix(), i))
		if err := os.WriteFile(name, mail, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

func forwarded(mail []byte) []byte {
	return append([]byte("From: colleague@example.org\r\nTo: help@example.org\r\nSubject: Fwd: help\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\nContent-Type: text/plain\r\n\r\nplease see\r\n--f\r\n"+
		"Content-Type: message/rfc822\r\n\r\n"), append(mail, "\r\n--f--\r\n"...)...)
}

func withScreenshot(mail, picture []byte) []byte {
	part := strings.Builder{}
	part.WriteString("--b\r\nContent-Type: image/png; name=screen.png\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	line := strings.Repeat("QUJD", 19)
	for range len(picture) * 2 / len(line) {
		part.WriteString(line + "\r\n")
	}
	return []byte(strings.Replace(string(mail), "--b\r\nContent-Type: application", part.String()+"--b\r\nContent-Type: application", 1))
}

// account gives one account of the server its own copy of the mails.
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
	timed(b, exec.Command("chown", append([]string{"--reference=" + root}, owner...)...))
}

// A backlog of 5,000 mixed mails becomes durable tickets, and mbsync copies the
// same mailbox to files.
func BenchmarkBacklog(b *testing.B) {
	const mails = 5000
	mbsync := private.Program(b, "mbsync")
	dir := backlog(b, mails)
	var users []string
	for i := range runs {
		users = append(users, fmt.Sprintf("ours%d", i), fmt.Sprintf("peer%d", i))
	}
	s := private.Dovecot(b, private.DovecotOptions{Users: users})
	for _, u := range users {
		account(b, s, u, dir)
	}
	host, port, _ := strings.Cut(s.Addr, ":")
	compare(b, fmt.Sprintf("backlog of %d mixed mails", mails), "mbsync",
		func(run int) time.Duration {
			h := newHelpdesk(b, mailboxAt(s.URL(fmt.Sprintf("ours%d", run), "INBOX"), ""))
			start := time.Now()
			out := h.must("watcher", "once", "--json")
			took := time.Since(start)
			if !strings.Contains(out, fmt.Sprintf(`"queued":%d,`, mails*17/20)) {
				b.Fatalf("not all were queued: %s", out)
			}
			return took
		},
		func(run int) time.Duration {
			to := b.TempDir()
			config := filepath.Join(to, "mbsyncrc")
			text := fmt.Sprintf("IMAPAccount a\nHost %s\nPort %s\nUser peer%d\nPass secret\nSSLType None\nAuthMechs LOGIN\n\n"+
				"IMAPStore far\nAccount a\n\nMaildirStore near\nPath %s/\nInbox %s/inbox\n\n"+
				"Channel c\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\nSyncState *\n", host, port, run, to, to)
			if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
				b.Fatal(err)
			}
			return timed(b, exec.Command(mbsync, "-q", "-c", config, "c"))
		})
}
