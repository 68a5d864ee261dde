package web_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"inviter/ticket"
	"inviter/web"
)

// doorman counts who is asked for, and may be unable to tell.
type doorman struct {
	web.Bearers
	mu    sync.Mutex
	asked map[string]int
	fault error
}

func (d *doorman) note(token string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked[token]++
	return d.fault
}

func (d *doorman) BySession(ctx context.Context, token string) (ticket.Technician, error) {
	if err := d.note(token); err != nil {
		return ticket.Technician{}, err
	}
	return d.Bearers.BySession(ctx, token)
}

func (d *doorman) ByToken(ctx context.Context, token string) (ticket.Technician, error) {
	if err := d.note(token); err != nil {
		return ticket.Technician{}, err
	}
	return d.Bearers.ByToken(ctx, token)
}

// since gives what was asked for up to now, and whether it can be told from now on.
func (d *doorman) since(fault error) map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := d.asked
	d.asked, d.fault = map[string]int{}, fault
	return asked
}

// TestOneLookForEachLogIn: however many streams it has. Who can't be looked up
// stays, who is out or is somebody else now goes, and nobody besides.
func TestOneLookForEachLogIn(t *testing.T) {
	t.Parallel()
	door := &doorman{asked: map[string]int{}}
	h := build(t, func(o *web.Options) {
		door.Bearers, o.Bearers = o.Bearers, door
		o.Check = time.Hour
	})
	ada, grace, vic := h.hire("ada", ticket.RoleTechnician), h.hire("grace", ticket.RoleTechnician), h.hire("vic", ticket.RoleViewer)
	session := h.signIn("ada", ticket.RoleTechnician)
	streams := map[string][]*stream{}
	for range 5 {
		for _, token := range []string{ada, grace, vic} {
			streams[token] = append(streams[token], h.listen(token))
		}
		streams[session] = append(streams[session], h.listen("", "Cookie", "inviter="+session))
	}
	user := h.listenTo(h.status(h.arrives().ID)+"/events", "")
	door.since(nil)
	h.site.SweepNow(t.Context())
	asked := door.since(errors.New("the database is away"))
	for _, token := range []string{ada, grace, vic, session} {
		if asked[token] != 1 {
			t.Errorf("%d looks for one of %v", asked[token], asked)
		}
	}
	check(t, h.accounts.Disable(t.Context(), "grace"))
	check(t, h.accounts.SetRole(t.Context(), "vic", ticket.RoleLead))
	h.site.SweepNow(t.Context())
	if door.since(nil)[grace] != 1 {
		t.Error("not asked for")
	}
	h.site.SweepNow(t.Context())
	for _, s := range append(streams[grace], streams[vic]...) {
		s.ends()
	}
	_, err := h.Claim(t.Context(), 1, ticket.Technician{Name: "ada", Role: ticket.RoleTechnician})
	check(t, err)
	for _, s := range append(streams[ada], streams[session]...) {
		for id := ""; id != "2"; {
			id, _ = s.ticket()
		}
	}
	e, ok := user.next()
	for ok && e.comment != "" {
		e, ok = user.next()
	}
	if e.kind != "change" {
		t.Errorf("a user's stream, who has no log-in: %+v", e)
	}
}

// TestEveryoneHearsTheBeat: also users, whose streams tell of nothing else here.
func TestEveryoneHearsTheBeat(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Beat = 10 * time.Millisecond })
	path := h.status(h.arrives().ID) + "/events"
	for _, s := range []*stream{h.listen(h.hire("vic", ticket.RoleViewer)), h.listenTo(path, "")} {
		for range 2 {
			e, ok := s.next()
			for ok && e.comment == "" {
				e, ok = s.next()
			}
			if e.comment != "beat" || e.id != "" {
				t.Fatalf("no beat but %+v", e)
			}
		}
	}
}
