//go:build linux

package share_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"inviter/database"
	"inviter/queue"
	"inviter/share"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// foreign fills a folder with n files that are nothing for us, half of them in
// sub-folders.
func foreign(b *testing.B, n int) string {
	b.Helper()
	dir := b.TempDir()
	for i := range n {
		name := fmt.Sprintf("report-%06d.docx", i)
		if i%2 == 1 {
			sub := filepath.Join(dir, fmt.Sprintf("team%d", i%8))
			if i < 8 {
				check(b, os.Mkdir(sub, 0o755))
			}
			name = filepath.Join(filepath.Base(sub), name)
		}
		check(b, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
	}
	return dir
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRenameToSubmit is the time from a file getting its name to its
// submit, with events, in a small folder and in one with 10,000 other files.
func BenchmarkRenameToSubmit(b *testing.B) {
	for _, others := range []int{0, 10_000} {
		b.Run(fmt.Sprint("beside/", others), func(b *testing.B) {
			dir := foreign(b, others)
			ledger := sourcetest.NewRecorder(nil)
			s := share.Open(share.Options{Name: "s", Path: dir, Settle: time.Minute}, ledger)
			ctx, cancel := context.WithCancel(context.Background())
			hints, submitted, ended := s.Hints(ctx), make(chan struct{}), make(chan struct{})
			_, err := s.Scan(ctx, ledger.Submit)
			check(b, err)
			ledger.OnSubmit(func() { submitted <- struct{}{} })
			go func() {
				defer close(ended)
				for ctx.Err() == nil {
					select {
					case <-ctx.Done():
					case <-hints:
						_, _ = s.Scan(ctx, ledger.Submit)
					}
				}
			}()
			name := filepath.Join(dir, "help.msrcIncident")
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				check(b, os.WriteFile(name+".tmp", invite(i), 0o644))
				b.StartTimer()
				check(b, os.Rename(name+".tmp", name))
				<-submitted
			}
			cancel()
			<-ended
		})
	}
}

// BenchmarkRawInotify is the least of that: from the rename to the event.
func BenchmarkRawInotify(b *testing.B) {
	dir := b.TempDir()
	fd, err := syscall.InotifyInit()
	check(b, err)
	defer syscall.Close(fd)
	_, err = syscall.InotifyAddWatch(fd, dir, syscall.IN_MOVED_TO)
	check(b, err)
	name, events := filepath.Join(dir, "help.msrcIncident"), make([]byte, 4096)
	for b.Loop() {
		b.StopTimer()
		check(b, os.WriteFile(name+".tmp", nil, 0o644))
		b.StartTimer()
		check(b, os.Rename(name+".tmp", name))
		_, err := syscall.Read(fd, events)
		check(b, err)
	}
}

// BenchmarkManyAtOnce is how fast many waiting files are taken, from their
// reading to their receipts: with a ledger in memory, which is what the share
// itself costs, and with the real queue, whose tickets are on the disk.
func BenchmarkManyAtOnce(b *testing.B) {
	const many = 10_000
	for _, kind := range []string{"memory", "memory/plain", "queue", "queue/plain"} {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				dir := b.TempDir()
				for i := range many {
					check(b, os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".msrcIncident")), invite(i), 0o644))
				}
				o := share.Options{Name: "s", Path: dir, Receipts: !strings.HasSuffix(kind, "plain")}
				ledger, submit, answers := deskFor(b, strings.HasPrefix(kind, "queue"))
				o.Answers = answers
				s := share.Open(o, ledger)
				b.StartTimer()
				if p, err := s.Scan(context.Background(), submit); err != nil || p.Queued != many {
					b.Fatal(p, err)
				}
			}
			b.ReportMetric(float64(many*b.N)/b.Elapsed().Seconds(), "files/s")
		})
	}
}

// deskFor is what a share stands on: the real queue, or one in memory.
func deskFor(b *testing.B, real bool) (ticket.Ledger, ticket.Submit, share.Answers) {
	b.Helper()
	if !real {
		r := sourcetest.NewRecorder(nil)
		return r, r.Submit, answers(r)
	}
	dir := b.TempDir()
	db, err := database.Open(context.Background(), database.Options{Dir: dir})
	check(b, err)
	b.Cleanup(func() { db.Close() })
	q, err := queue.Open(context.Background(), queue.Options{DB: db, KeyFile: filepath.Join(dir, "key"), Rules: ticket.DefaultRules()})
	check(b, err)
	return q, q.Submit, share.Answers{Traces: q, Reporter: q, Words: answers(nil).Words}
}
