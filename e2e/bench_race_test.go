package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
)

// contender is a server that tickets are claimed from.
type contender struct {
	name, addr string
	prefix     string                 // of the paths
	tokens     []string               // one a technician
	free       func(count, lines int) // hands back the first ones, which so many lines had claimed
}

// line is one kept connection of one technician; nothing on our side of it is
// done that need not be.
type line struct {
	net.Conn
	in    *bufio.Reader
	c     *contender
	token string
}

func (c *contender) lines(b *testing.B, n int) []*line {
	b.Helper()
	all := make([]*line, n)
	for i := range all {
		conn, err := net.Dial("tcp", c.addr)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		all[i] = &line{conn, bufio.NewReader(conn), c, c.tokens[i%len(c.tokens)]}
		if status, err := all[i].ask("GET", "/"); err != nil || status >= 500 { // the connection is made, and known to work
			b.Fatal(status, err)
		}
	}
	return all
}

func (l *line) ask(method, path string) (status int, err error) {
	if _, err := fmt.Fprintf(l, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Length: 0\r\n\r\n", method, path, l.c.addr, l.token); err != nil {
		return 0, err
	}
	resp, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

func (l *line) claim(id int) (status int, err error) {
	return l.ask("POST", fmt.Sprintf("%s/tickets/%d/claim", l.c.prefix, id))
}

// contenders are ours and the least server, with as many waiting tickets each.
func contenders(b *testing.B, tickets int) (ours, least *contender) {
	b.Helper()
	h := newHelpdesk(b)
	h.serve()
	ours = &contender{name: "inviter", addr: strings.TrimPrefix(h.url, "http://"), prefix: "/api/v1"}
	var people []*person
	for i := range 8 {
		p := h.technician(fmt.Sprint("ada", i), "technician")
		people, ours.tokens = append(people, p), append(ours.tokens, p.token)
	}
	work(64, tickets, func(i int) {
		if a, err := people[0].try(http.MethodPost, "/tickets", invite(int64(i), "user").RA1()); err != nil || a.Status != http.StatusCreated {
			b.Errorf("hand in: %v %d %s", err, a.Status, a.Body)
		}
	})
	claims := make([]int, tickets)
	ours.free = func(count, lines int) {
		work(64, count, func(i int) {
			claims[i]++
			p := people[i%lines%len(people)]
			a, err := p.try(http.MethodPost, p.on(int64(i+1), "release"), map[string]any{"claim": claims[i], "reason": "other"})
			if err != nil || a.Status != http.StatusOK {
				b.Errorf("release: %v %d %s", err, a.Status, a.Body)
			}
		})
	}
	return ours, leastServer(b, tickets)
}

// leastServer starts the floor.
func leastServer(b *testing.B, tickets int) *contender {
	b.Helper()
	program := filepath.Join(b.TempDir(), "least")
	build := exec.Command("go", "build", "-o", program, "inviter/e2e/bench/least")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", private.Port(b))
	private.Start(b, private.Command{
		Path: program, Args: []string{"-file", filepath.Join(b.TempDir(), "db"), "-listen", addr, "-tickets", fmt.Sprint(tickets)},
		Ready: func(ctx context.Context) error {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
			if err == nil {
				conn.Close()
			}
			return err
		},
	})
	c := &contender{name: "least server", addr: addr, tokens: []string{"a", "b", "c", "d", "e", "f", "g", "h"}}
	c.free = func(int, int) {
		resp, err := http.Post("http://"+addr+"/free", "", nil)
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
	return c
}

// heat lets all lines claim one ticket after another, and tells how long each
// answer took and the whole.
func heat(b *testing.B, lines []*line, tickets int) (whole time.Duration, each ratio.Series) {
	b.Helper()
	var mu sync.Mutex
	share := func(i int, l *line) {
		var took []time.Duration
		for id := i + 1; id <= tickets; id += len(lines) {
			start := time.Now()
			status, err := l.claim(id)
			took = append(took, time.Since(start))
			if err != nil || status != http.StatusOK {
				b.Errorf("%s: claim %d: %d, %v", l.c.name, id, status, err)
				return
			}
		}
		mu.Lock()
		each.All = append(each.All, took...)
		mu.Unlock()
	}
	var all sync.WaitGroup
	start := time.Now()
	for i, l := range lines {
		all.Go(func() { share(i, l) })
	}
	all.Wait()
	return time.Since(start), each
}

// BenchmarkClaimRace is one claim after another, and many at the same time,
// through the API, beside the least server that commits as much, and the
// disk's own syncs.
func BenchmarkClaimRace(b *testing.B) {
	const tickets = 10_000
	ours, least := contenders(b, tickets)
	rows := [][]string{{"claimers", "", "claims/s", "spread", "p50", "p99", "× fsyncs/s"}}
	for _, n := range []int{1, 64, 500} {
		count := min(tickets, n*500)
		lines := map[*contender][]*line{ours: ours.lines(b, n), least: least.lines(b, n)}
		latency := map[*contender]*ratio.Series{ours: {}, least: {}}
		side := func(c *contender) ratio.Side {
			return ratio.Side{Name: c.name, Do: func(int) time.Duration {
				whole, each := heat(b, lines[c], count)
				c.free(count, n)
				latency[c].All = append(latency[c].All, each.All...)
				return whole
			}}
		}
		dir := b.TempDir()
		all := ratio.InTurn(runs, side(ours), side(least), ratio.Side{Name: "fsync", Do: func(int) time.Duration { return syncs(b, dir, 500) }})
		sync := 500 / all[2].Best().Seconds()
		for i, c := range []*contender{ours, least} {
			rate := float64(count) / all[i].Best().Seconds()
			rows = append(rows, []string{fmt.Sprint(n), c.name, fmt.Sprintf("%.0f", rate), fmt.Sprintf("%.2f", all[i].Spread()),
				ratio.Round(latency[c].At(50)), ratio.Round(latency[c].At(99)), fmt.Sprintf("%.2f", rate/sync)})
		}
		rows = append(rows, []string{fmt.Sprint(n), "ours / least", ratio.Of(all[1].Best(), all[0].Best()), "",
			ratio.Of(latency[ours].At(50), latency[least].At(50)), ratio.Of(latency[ours].At(99), latency[least].At(99)), ""})
	}
	keep(b, ratio.Table{Title: fmt.Sprintf("claims of %d tickets through the API", tickets), Rows: rows})
}

// BenchmarkOneForAll is one ticket for 2,000 who claim it at the same moment:
// until the last of them is answered.
func BenchmarkOneForAll(b *testing.B) {
	const claimers = 2000
	ours, least := contenders(b, runs)
	side := func(c *contender) ratio.Side {
		lines := c.lines(b, claimers)
		return ratio.Side{Name: c.name, Do: func(run int) time.Duration { return rush(b, lines, run+1) }}
	}
	keep(b, ratio.Beside(fmt.Sprintf("one ticket for %d at once, until the last answer", claimers), ratio.InTurn(runs, side(ours), side(least))...))
}

func rush(b *testing.B, lines []*line, ticket int) time.Duration {
	b.Helper()
	statuses := make([]int, len(lines))
	var all sync.WaitGroup
	start := time.Now()
	for i, l := range lines {
		all.Go(func() {
			var err error
			if statuses[i], err = l.claim(ticket); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	winners := map[string]bool{} // a holder who asks again is told that it is theirs
	for i, s := range statuses {
		if s == http.StatusOK {
			winners[lines[i].token] = true
		} else if s != http.StatusConflict {
			b.Errorf("answered %d", s)
		}
	}
	if len(winners) != 1 {
		b.Errorf("%d won", len(winners))
	}
	return took
}
