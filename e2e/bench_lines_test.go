package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"inviter/e2e/private"
)

// contender is a server that tickets are claimed from.
type contender struct {
	name, addr string
	process    *private.Process
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

// claimable is our server with so many waiting tickets.
func claimable(b *testing.B, name string, h *helpdesk, tickets int) *contender {
	b.Helper()
	c := &contender{name: name, process: h.serve(), addr: strings.TrimPrefix(h.url, "http://"), prefix: "/api/v1"}
	var people []*person
	for i := range 8 {
		p := h.technician(fmt.Sprint("ada", i), "technician")
		people, c.tokens = append(people, p), append(c.tokens, p.token)
	}
	people[0].handIn(tickets)
	claims := make([]int, tickets)
	c.free = func(count, lines int) {
		work(64, count, func(i int) {
			claims[i]++
			p := people[i%lines%len(people)]
			a, err := p.try(http.MethodPost, p.on(int64(i+1), "release"), map[string]any{"claim": claims[i], "reason": "other"})
			if err != nil || a.Status != http.StatusOK {
				b.Errorf("release: %v %d %s", err, a.Status, a.Body)
			}
		})
	}
	return c
}

// newHelpdeskOn is a helpdesk whose tickets are on the server that the URL names.
func newHelpdeskOn(b *testing.B, database string, sources ...string) *helpdesk {
	b.Helper()
	h := newHelpdesk(b, sources...)
	if database == "" {
		return h
	}
	text, err := os.ReadFile(h.config)
	if err != nil {
		b.Fatal(err)
	}
	h.write(filepath.Base(h.config), fmt.Sprintf("database = %q\n%s", database, text))
	return h
}

// handIn makes tickets 1 to n of as many users.
func (p *person) handIn(n int) {
	p.t.Helper()
	work(64, n, func(i int) {
		if a, err := p.try(http.MethodPost, "/tickets", invite(int64(i), "user").RA1()); err != nil || a.Status != http.StatusCreated {
			p.t.Errorf("hand in: %v %d %s", err, a.Status, a.Body)
		}
	})
}

// builtLeast is the floor as a program, built at its first use.
var builtLeast = sync.OnceValues(func() (string, error) {
	program := filepath.Join(bin, "least")
	if out, err := exec.Command("go", "build", "-o", program, "inviter/e2e/bench/least").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return program, nil
})

// leastProgram is the path of it.
func leastProgram(b *testing.B) string {
	b.Helper()
	program, err := builtLeast()
	if err != nil {
		b.Fatal(err)
	}
	return program
}

// leastServer starts the floor with the given flags beside -file and -listen.
func leastServer(b *testing.B, more ...string) *contender {
	b.Helper()
	c := &contender{name: "least server", addr: fmt.Sprintf("127.0.0.1:%d", private.Port(b)), tokens: []string{"a", "b", "c", "d", "e", "f", "g", "h"}}
	c.process = private.Start(b, private.Command{
		Path: leastProgram(b), Args: append([]string{"-file", filepath.Join(b.TempDir(), "db"), "-listen", c.addr}, more...),
		Ready: func(ctx context.Context) error {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.addr)
			if err == nil {
				conn.Close()
			}
			return err
		},
	})
	c.free = func(int, int) {
		resp, err := http.Post("http://"+c.addr+"/free", "", nil)
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
	return c
}
