package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/invitation/sample"
)

// TestHistoryIsLinearizable lets 60 HTTP clients and four processes that write
// to the database themselves at a few tickets at a time, while server and
// processes are killed -9 and started again, and tickets expire. Whatever each
// of them was answered must be explained by one order of all verbs.
//
// By day it is a few thousand verbs, at night over 100,000.
func TestHistoryIsLinearizable(t *testing.T) {
	t.Parallel()
	total, kills := int64(4_000), int64(4)
	if allNight() {
		total, kills = 120_000, 60
	}
	h := newHelpdesk(t)
	data := filepath.Join(h.dir, "data")
	c := newCrowd(t, total, clerkPlace{Dir: data, KeyFile: filepath.Join(data, "inviter.key")}, h)
	c.suffer(kills)
	c.judge()
}

// host is one server with its configuration.
type host struct {
	*helpdesk
	server *private.Process
}

// crowd is a helpdesk under a crowd, on one host or more.
type crowd struct {
	*hall
	t       *testing.T
	hosts   []*host
	clerks  []*clerk
	client  *http.Client
	tokens  map[string]string
	all     sync.WaitGroup
	invites atomic.Int64
	keys    atomic.Int64
	twins   atomic.Int64 // requests sent to two servers at once, both answered

	relay    *private.Relay // to the database, nil where there is none
	starting sync.Mutex     // held while programs start
}

func newCrowd(t *testing.T, total int64, at clerkPlace, desks ...*helpdesk) *crowd {
	t.Helper()
	c := &crowd{t: t, tokens: map[string]string{}, client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: private.Patience}}
	c.hall = newHall(total, c.fresh)
	for _, h := range desks {
		c.hosts = append(c.hosts, &host{h, h.serveAlone()})
	}
	for _, name := range people() {
		role := "technician"
		if isLead(name) {
			role = "lead"
		}
		c.tokens[name] = desks[0].technician(name, role).token
	}
	for range 4 {
		c.clerks = append(c.clerks, newClerk(t, at))
	}
	for i := range 60 {
		c.all.Go(func() { c.work(newCaller(i), c.overHTTP(i%2 == 0)) })
	}
	for i := range 12 {
		me := newCaller(60 + i)
		me.user = true
		c.all.Go(func() { c.work(me, func(in said) heard { return c.clerks[i%len(c.clerks)].say(in) }) })
	}
	return c
}

// suffer kills a server and a clerk so often, in the middle of what they do,
// starts them again, and returns when all verbs were said.
func (c *crowd) suffer(kills int64) {
	ended := make(chan struct{})
	go func() { c.all.Wait(); close(ended) }()
	for i := range kills {
		if c.until((i+1)*c.total/(kills+1), ended) {
			c.kill(int(i))
		}
	}
	<-ended
}

// kill ends a server and a clerk and starts them again. A program that can't
// reach its database when it starts ends, so nothing is cut meanwhile.
func (c *crowd) kill(i int) {
	c.starting.Lock()
	defer c.starting.Unlock()
	if c.relay != nil {
		c.relay.CutWhen("", private.BeforeIt)
	}
	h := c.hosts[i%len(c.hosts)]
	h.server.Kill()
	h.server = h.serveAlone()
	c.clerks[i%len(c.clerks)].restart()
}

// until waits until so many verbs were begun; false means that it ended sooner.
func (c *crowd) until(begun int64, ended <-chan struct{}) bool {
	for c.done() < begun {
		select {
		case <-ended:
			return false
		case <-time.After(time.Millisecond):
		}
	}
	return true
}

// fresh hands in the tickets of a wave. Each third one ends within two seconds.
func (c *crowd) fresh(int) []place {
	var list []place
	for i := range window {
		inv := sample.Invitation{User: "user", Password: "ABCDEF", Start: time.Now().Add(-time.Minute), Minutes: 60, Seed: c.invites.Add(1)}
		if i%3 == 0 {
			inv.Start = time.Now().Add(-60*time.Minute + time.Second)
		}
		file := inv.RA2()
		deadline := time.Now().Add(private.Patience)
		for {
			status, body, err := c.request(c.some(), "POST", "/tickets", "ada", file, "")
			if err == nil && (status == http.StatusCreated || status == http.StatusOK) {
				var v ticketView
				if err := json.Unmarshal(body, &v); err != nil {
					c.t.Error(err)
				}
				list = append(list, place{v.ID, v.ExpiresAt})
				break
			}
			if time.Now().After(deadline) {
				c.t.Errorf("hand in: %v %d %s", err, status, body)
				return nil
			}
		}
	}
	return list
}

// overHTTP says verbs through the API. Of those whose answer is lost, the ones
// with a key are asked again until there is one.
func (c *crowd) overHTTP(keyed bool) func(said) heard {
	return func(in said) heard {
		if !keyed || in.Verb == "read" || in.Verb == "invitation" {
			return c.ask(c.some(), in, "")
		}
		key := fmt.Sprint("key", c.keys.Add(1))
		out := c.askTwice(in, key)
		// With a key the client's library itself may have asked more than once, so
		// that no connection at the end doesn't tell that none was there before.
		for deadline := time.Now().Add(private.Patience); (out.Code == lost || out.Code == never) && time.Now().Before(deadline); {
			time.Sleep(5 * time.Millisecond)
			out = c.ask(c.some(), in, key)
			out.again = true
		}
		if out.Code == never {
			out.Code = lost
		}
		return out
	}
}

// some is the address of any of the servers.
func (c *crowd) some() string { return c.hosts[rand.IntN(len(c.hosts))].url }

// askTwice asks one server, or, where there are more, now and then two of them
// at the same moment: both have to give the same answer.
func (c *crowd) askTwice(in said, key string) heard {
	if len(c.hosts) == 1 || rand.IntN(3) > 0 {
		return c.ask(c.some(), in, key)
	}
	n := rand.IntN(len(c.hosts))
	other := make(chan heard)
	go func() { other <- c.ask(c.hosts[(n+1)%len(c.hosts)].url, in, key) }()
	one := c.ask(c.hosts[n].url, in, key)
	two := <-other
	switch {
	case one.Code == lost || one.Code == never:
		two.again = true
		return two
	case two.Code == lost || two.Code == never, one.Code == "ok" && two.Code == "ok" && one != two:
		one.again = true // one's own answer could not be stored, so it may stand for the ticket as it is later
		return one
	case one != two:
		c.t.Errorf("%+v is answered %+v and %+v", in, one, two)
	}
	c.twins.Add(1)
	return one
}

func (c *crowd) ask(server string, in said, key string) heard {
	method, path, body := "POST", fmt.Sprintf("/tickets/%d/%s", in.Ticket, in.Verb), []byte(nil)
	switch in.Verb {
	case "read":
		method, path = "GET", fmt.Sprintf("/tickets/%d", in.Ticket)
	case "claim":
	case "take-over":
		body = []byte(`{"reason":"away"}`)
	default:
		body, _ = json.Marshal(map[string]any{"claim": in.Claim, "to": in.To, "reason": "other", "outcome": map[bool]string{true: "solved"}[in.Verb == "close"]})
	}
	status, text, err := c.request(server, method, path, in.By, body, key)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return heard{Code: never}
	case err != nil || status >= 500:
		return heard{Code: lost}
	case status == http.StatusOK && in.Verb == "invitation":
		return heard{Code: "ok"}
	case status == http.StatusOK:
		var v ticketView
		if err := json.Unmarshal(text, &v); err != nil {
			c.t.Errorf("%s: %v", text, err)
		}
		return heardOf(v)
	}
	code, holder := answer{Body: text}.problem()
	if code == "" || status == http.StatusTooManyRequests || status == http.StatusBadRequest {
		c.t.Errorf("%s: %d %s", path, status, text)
	}
	return heard{Code: code, Holder: holder}
}

func heardOf(v ticketView) heard {
	h := heard{Code: "ok", State: v.State}
	if v.Claim != nil {
		h.Number, h.Holder = v.Claim.Number, v.Claim.Holder
	}
	return h
}

func (c *crowd) request(server, method, path, by string, body []byte, key string) (int, []byte, error) {
	req, err := http.NewRequest(method, server+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.tokens[by])
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, text, err
}

// judge checks the history and tells what it was made of, and the database.
func (c *crowd) judge() {
	if out := c.hosts[0].must("inviter", "verify"); !strings.Contains(out, ": ok") {
		c.t.Error(out)
	}
	wrong, unknown := judgeHistory(c.history)
	codes := map[string]int{}
	for _, o := range c.history {
		in, out := o.Input.(said), o.Output.(heard)
		codes[out.Code]++
		codes["verb "+in.Verb]++
		if out.again {
			codes["asked again"]++
		}
	}
	c.t.Logf("%d verbs: %v", len(c.history), codes)
	if unknown > 0 {
		c.t.Errorf("%d tickets undecided", unknown)
	}
	for _, part := range wrong[:min(len(wrong), 2)] {
		slices.SortFunc(part, func(a, b operation) int { return int(a.Call - b.Call) })
		var text strings.Builder
		for _, o := range part {
			fmt.Fprintf(&text, "%9d %9d %+v -> %+v\n", o.Call/1000, min(o.Return, 1e15)/1000, o.Input, o.Output)
		}
		c.t.Errorf("no order explains ticket %d:\n%s", part[0].Input.(said).Ticket, &text)
	}
	for _, want := range []string{"ok", "taken", "not-holder", "expired", lost, "asked again", "verb withdraw"} {
		if codes[want] == 0 || len(c.hosts) > 1 && c.twins.Load() == 0 {
			c.t.Errorf("nothing tests %q", want)
		}
	}
}
