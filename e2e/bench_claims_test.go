package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inviter/e2e/private"
)

// Durable claims through the API by 64 clients, beside what the disk can sync.
func BenchmarkClaims(b *testing.B) {
	const tickets, clients = 5000, 64
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = clients
	h := newHelpdesk(b)
	h.serve()
	ada := h.technician("ada", "technician")
	work(clients, tickets*runs, func(i int) {
		if a, err := ada.try(http.MethodPost, "/tickets", invite(int64(i), "user").RA1()); err != nil || a.Status != http.StatusCreated {
			b.Errorf("hand in: %v %d %s", err, a.Status, a.Body)
		}
	})
	perClaim := func(run int) time.Duration {
		start := time.Now()
		work(clients, tickets, func(i int) {
			if a, err := ada.try(http.MethodPost, ada.on(int64(run*tickets+i+1), "claim"), nil); err != nil || a.Status != http.StatusOK {
				b.Errorf("claim: %v %d %s", err, a.Status, a.Body)
			}
		})
		return time.Since(start) / tickets
	}
	perSync := func(int) time.Duration { return syncs(b, h.dir, 500) / 500 }
	compare(b, fmt.Sprintf("one durable claim through the API, %d clients, beside one fsync", clients), "fsync", perClaim, perSync)
}

// work does n things with so many workers side by side.
func work(workers, n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	wg.Wait()
}

// syncs appends 4 KiB and waits for the disk, n times.
func syncs(b *testing.B, dir string, n int) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	start := time.Now()
	for range n {
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

// A look at a mailbox with nothing new costs the same whatever it holds.
func BenchmarkIdlePoll(b *testing.B) {
	small, large := idle(b, 1_000), idle(b, 20_000)
	var bytes [2]int64
	took := func(i int, box idleBox) func(int) time.Duration {
		return func(int) time.Duration {
			before := box.relay.bytes.Load()
			start := time.Now()
			if out := box.desk.must("watcher", "once", "--json"); !strings.Contains(out, `"queued":0`) {
				b.Fatalf("not idle: %s", out)
			}
			bytes[i] = box.relay.bytes.Load() - before
			return time.Since(start)
		}
	}
	compare(b, "one idle pass as a process of its own: 20,000 old mails beside 1,000", "1,000", took(1, large), took(0, small))
	table("bytes over the line", [][]string{{"20,000", fmt.Sprint(bytes[1])}, {"1,000", fmt.Sprint(bytes[0])}})
}

type idleBox struct {
	desk  *helpdesk
	relay *relay
}

// idle is a mailbox whose mails were all looked at before.
func idle(b *testing.B, mails int) idleBox {
	b.Helper()
	dir := b.TempDir()
	for i := range mails {
		text := fmt.Sprintf("From: user%d@example.org\r\nSubject: hello\r\n\r\nNothing attached.\r\n", i)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.M%dP1.idle", time.Now().Unix(), i)), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	s := private.Dovecot(b, private.DovecotOptions{Users: []string{"idle"}})
	account(b, s, "idle", dir)
	r := newRelay(b, s.Addr)
	h := newHelpdesk(b, mailboxAt("imap://idle@"+r.addr+"/INBOX", ""))
	if out := h.must("watcher", "once", "--json"); !strings.Contains(out, fmt.Sprintf(`"ignored":%d`, mails)) {
		b.Fatalf("first pass: %s", out)
	}
	return idleBox{h, r}
}
