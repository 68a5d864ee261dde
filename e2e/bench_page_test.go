package e2e_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inviter/e2e/bench/ratio"
)

// getter is one kept connection that asks for one thing again and again, as a
// browser does that takes gzip.
type getter struct {
	net.Conn
	in   *bufio.Reader
	ask  []byte
	wire int64 // bytes that came
}

// Read counts.
func (g *getter) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	g.wire += int64(n)
	return n, err
}

func newGetter(b *testing.B, addr, path, cookie string, more ...string) *getter {
	b.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	head := []string{"GET " + path + " HTTP/1.1", "Host: " + addr, "Accept-Encoding: gzip", "Cookie: inviter=" + cookie}
	g := &getter{Conn: conn, ask: []byte(strings.Join(append(head, more...), "\r\n") + "\r\n\r\n")}
	g.in = bufio.NewReaderSize(g, 16<<10)
	return g
}

// get asks once: how long the first byte took, and the answer with its body.
func (g *getter) get(keep io.Writer) (first time.Duration, resp *http.Response, err error) {
	start := time.Now()
	if _, err := g.Write(g.ask); err != nil {
		return 0, nil, err
	}
	if _, err := g.in.Peek(1); err != nil {
		return 0, nil, err
	}
	first = time.Since(start)
	if resp, err = http.ReadResponse(g.in, nil); err != nil {
		return 0, nil, err
	}
	_, err = io.Copy(keep, resp.Body)
	return first, resp, err
}

// hammer has all of them ask for so long: each first byte's time, how many
// answers came a second, and how many bytes each was.
func hammer(b *testing.B, all []*getter, status int, long time.Duration) (first ratio.Series, rate, bytes float64) {
	b.Helper()
	var mu sync.Mutex
	var wire atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for _, g := range all {
		wg.Go(func() {
			var took []time.Duration
			before := g.wire
			for time.Since(start) < long {
				d, resp, err := g.get(io.Discard)
				if err != nil || resp.StatusCode != status {
					b.Errorf("%s: %v, %+v", g.ask, err, resp)
					return
				}
				took = append(took, d)
			}
			wire.Add(g.wire - before)
			mu.Lock()
			defer mu.Unlock()
			first.All = append(first.All, took...)
		})
	}
	wg.Wait()
	n := float64(len(first.All))
	return first, n / time.Since(start).Seconds(), float64(wire.Load()) / n
}

// cookieOf is the log-in cookie of somebody who has a password.
func (h *helpdesk) cookieOf(name string) string {
	h.t.Helper()
	at, err := url.Parse(h.url)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range h.formClient(name).Jar.Cookies(at) {
		if c.Name == "inviter" {
			return c.Value
		}
	}
	h.t.Fatal("no cookie")
	return ""
}

// lookers are technicians who look at the queue, each of whom holds a ticket in it.
func (h *helpdesk) lookers(waiting, n int) (cookies []string) {
	h.t.Helper()
	for i := range n {
		p := h.technician(fmt.Sprintf("tech%02d", i), "technician")
		if i == 0 {
			p.handIn(waiting)
		}
		p.wants(http.StatusOK, http.MethodPost, p.on(int64(1+i*waiting/n), "claim"), nil)
		cookies = append(cookies, h.cookieOf(fmt.Sprintf("tech%02d", i)))
	}
	return cookies
}

// pages is one server under test.
type pages struct {
	b       *testing.B
	addr    string
	pid     int
	cookies []string
}

// on measures a path of it, from 64 connections.
func (p pages) on(name, path string, status int, aims [3]string, more ...string) ratio.Contender {
	const conns, long = 64, 2 * time.Second
	var all []*getter
	for i := range conns {
		all = append(all, newGetter(p.b, p.addr, path, p.cookies[i%len(p.cookies)], more...))
	}
	return ratio.Contender{Name: name, Run: func(_ int, put func(ratio.Quantity, float64)) {
		before := processor(p.b, p.pid)
		first, rate, size := hammer(p.b, all, status, long)
		used := processor(p.b, p.pid) - before
		put(ratio.Quantity{Name: "answers/s", Unit: ratio.Rate, Aim: aims[0]}, rate)
		put(ratio.Quantity{Name: "first byte, p50"}, float64(first.At(50)))
		put(ratio.Quantity{Name: "first byte, p99", Aim: aims[1]}, float64(first.At(99)))
		put(ratio.Quantity{Name: "on the wire, header too", Unit: ratio.Bytes, Aim: aims[2]}, size)
		put(ratio.Quantity{Name: "server's processor time each"}, float64(used)/float64(len(first.All)))
	}}
}

var revisionOf = regexp.MustCompile(`data-revision="(\d+)"`)

// BenchmarkQueuePage asks a real server for the queue's page from 64
// connections, beside a server that only sends the same bytes, and one that
// fills html/template for each request; and then for what is new where nothing is.
func BenchmarkQueuePage(b *testing.B) {
	const waiting, people = 1000, 8
	h := newHelpdesk(b)
	server := h.serve()
	ours := pages{b, strings.TrimPrefix(h.url, "http://"), server.PID(), h.lookers(waiting, people)}
	least := leastServer(b)
	floor := pages{b, least.addr, least.process.PID(), []string{""}}

	var page bytes.Buffer
	_, resp, err := newGetter(b, ours.addr, "/", ours.cookies[0]).get(&page)
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Encoding") != "gzip" {
		b.Fatal(err, resp)
	}
	put, err := http.NewRequest(http.MethodPut, "http://"+least.addr+"/page", bytes.NewReader(page.Bytes()))
	if err == nil {
		_, err = http.DefaultClient.Do(put)
	}
	if err != nil {
		b.Fatal(err)
	}
	aims := [3]string{"≥ 5,000", "≤ 20ms", "≤ 20 KB"}
	keep(b, ratio.Compare(fmt.Sprintf("Row 11: the queue's page with %d waiting, gzipped, 64 connections of %d technicians", waiting, people), runs,
		ours.on("inviter", "/", http.StatusOK, aims),
		floor.on("html/template each time", "/template", http.StatusOK, aims),
		floor.on("the same bytes, kept", "/page", http.StatusOK, aims)))

	since := revisionOf.FindStringSubmatch(plain(b, page.Bytes()))
	if since == nil {
		b.Fatal("the page doesn't tell its revision")
	}
	const list = "/api/v1/tickets?limit=1000"
	_, resp, err = newGetter(b, ours.addr, list, ours.cookies[0]).get(io.Discard)
	if err != nil || resp.Header.Get("ETag") == "" {
		b.Fatal(err, resp)
	}
	one := ours
	one.cookies = ours.cookies[:1] // a tag is one reader's
	aims = [3]string{"≥ 0.4 ×", "", ""}
	keep(b, ratio.Compare("Row 11: the same when nothing changed (pages tell the time and have no tag; the API's list has)", runs,
		one.on("inviter, the list again, 304", list, http.StatusNotModified, aims, "If-None-Match: "+resp.Header.Get("ETag")),
		ours.on("inviter, what is new for a page", "/rows?since="+since[1], http.StatusOK, aims),
		floor.on("a handler that says 304", "/same", http.StatusNotModified, aims)))
}

func plain(b *testing.B, zipped []byte) string {
	b.Helper()
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		b.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}
