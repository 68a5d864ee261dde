package ticket_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"inviter/ticket"
)

// The two computers of every table here, and one of which nothing is known.
var (
	first   = ticket.Computer{1}
	second  = ticket.Computer{2}
	unknown = ticket.Computer{}
)

func linkEpoch() time.Time { return time.UnixMilli(1_800_000_000_000).UTC() }

// deed is one thing that somebody may do with a link.
type deed struct {
	name string
	do   func(l *ticket.Link, now time.Time) error
}

func deeds() []deed {
	owner, other := ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}, ticket.Technician{Name: "bob", Role: ticket.RoleTechnician}
	lead, gone := ticket.Technician{Name: "lena", Role: ticket.RoleLead}, ticket.Technician{Name: "ada", Role: ticket.RoleViewer}
	var list []deed
	for name, c := range map[string]ticket.Computer{"first": first, "second": second, "unknown": unknown} {
		list = append(list,
			deed{name + " confirms", func(l *ticket.Link, now time.Time) error { return l.Confirm(c, now) }},
			deed{name + " hands in", func(l *ticket.Link, now time.Time) error { return l.Take(c, now) }})
	}
	for name, t := range map[string]ticket.Technician{"owner": owner, "other": other, "lead": lead, "gone": gone} {
		list = append(list,
			deed{name + " asks", func(l *ticket.Link, now time.Time) error { return l.AskAgain(t, now) }},
			deed{name + " closes", func(l *ticket.Link, now time.Time) error { return l.Close(t, now) }})
	}
	return list
}

// TestEveryStateOfALink visits every state that a link can come into by any
// order of deeds, before and after its time, and says what must hold in each.
func TestEveryStateOfALink(t *testing.T) {
	t.Parallel()
	type at struct {
		link ticket.Link
		tick int // of four: two before the end, the end itself, and one after
	}
	begin := linkEpoch()
	moment := func(tick int) time.Time { return begin.Add(time.Duration(tick) * time.Minute) }
	start := at{ticket.Link{ID: 7, Owner: "ada", Made: begin, Expires: moment(2)}, 0}
	seen, work := map[at]bool{start: true}, []at{start}
	visit := func(n at) {
		if !seen[n] {
			seen[n] = true
			work = append(work, n)
		}
	}
	reached := map[string]bool{}
	for len(work) > 0 {
		now := work[0]
		work = work[1:]
		sightsHold(t, now.link, moment(now.tick), reached)
		if now.tick < 3 {
			visit(at{now.link, now.tick + 1})
		}
		for _, d := range deeds() {
			next := now.link
			err := d.do(&next, moment(now.tick))
			stepHolds(t, d.name, now.link, next, err, moment(now.tick))
			visit(at{next, now.tick})
		}
	}
	for _, s := range []string{"offered", "ready", "expired", "closed", "invalid"} {
		if !reached[s] {
			t.Errorf("no way leads to %s", s)
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d states", len(seen))
	}
}

// sightsHold checks what each computer is told in one state, by rules written
// down a second time.
func sightsHold(t *testing.T, l ticket.Link, now time.Time, reached map[string]bool) {
	t.Helper()
	for _, c := range []ticket.Computer{first, second, unknown} {
		for _, open := range []bool{false, true} {
			var want ticket.Sight
			others := !l.Bound.IsZero() && c != l.Computer
			closed, over := !l.Closed.IsZero(), now.Sub(l.Made) >= 2*time.Minute
			switch {
			case others:
				want = "invalid"
			case closed && open:
				want = "closed"
			case closed:
				want = "invalid"
			case over:
				want = "expired"
			case !l.Bound.IsZero():
				want = "ready"
			default:
				want = "offered"
			}
			got := l.On(c, open, now)
			reached[string(got)] = true
			if got != want {
				t.Errorf("%+v tells %v (open %v) at %v: %s, want %s", l, c[0], open, now, got, want)
			}
		}
	}
}

// stepHolds checks one deed.
func stepHolds(t *testing.T, name string, was, is ticket.Link, err error, now time.Time) {
	t.Helper()
	fail := func(why string) { t.Errorf("%s on %+v at %v: %s (%v)", name, was, now, why, err) }
	var no *ticket.Refusal
	if err != nil && (is != was || !errors.As(err, &no)) {
		fail("a refusal changed something, or is none")
	}
	if was.Computer != unknown && is.Computer != was.Computer {
		fail("another computer took it")
	}
	if (is.Computer == unknown) != is.Bound.IsZero() {
		fail("bound without a computer")
	}
	ended := !was.Closed.IsZero() || !now.Before(was.Expires)
	if ended && is != was {
		fail("something happened after the end")
	}
	if !is.Handed.Equal(was.Handed) && name != map[ticket.Computer]string{first: "first", second: "second"}[is.Computer]+" hands in" {
		fail("another computer handed in")
	}
	mayDecide := map[string]bool{"owner asks": true, "owner closes": true, "lead asks": true, "lead closes": true}
	if (is.Closed != was.Closed || is.Asked != was.Asked) && !mayDecide[name] {
		fail("who has no say decided")
	}
	if err == nil && name == "owner closes" && is.Closed.IsZero() || !ended && name == "owner closes" && err != nil {
		fail("the technician could not close it")
	}
}

func TestLinkRefusals(t *testing.T) {
	t.Parallel()
	begin := linkEpoch()
	ada, bob := ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}, ticket.Technician{Name: "bob", Role: ticket.RoleTechnician}
	for name, c := range map[string]struct {
		change func(*ticket.Link)
		do     func(*ticket.Link, time.Time) error
		after  time.Duration
		want   ticket.RefusalCode
	}{
		"another computer confirms":        {func(l *ticket.Link) { l.Computer, l.Bound = first, begin }, func(l *ticket.Link, n time.Time) error { return l.Confirm(second, n) }, 0, ticket.CodeInvalid},
		"a browser that keeps nothing":     {nil, func(l *ticket.Link, n time.Time) error { return l.Confirm(unknown, n) }, 0, ticket.CodeBadRequest},
		"hands in without a yes":           {nil, func(l *ticket.Link, n time.Time) error { return l.Take(first, n) }, 0, ticket.CodeInvalid},
		"hands in at the end":              {func(l *ticket.Link) { l.Computer, l.Bound = first, begin }, func(l *ticket.Link, n time.Time) error { return l.Take(first, n) }, time.Hour, ticket.CodeExpired},
		"hands in after the close":         {func(l *ticket.Link) { l.Computer, l.Bound, l.Closed = first, begin, begin }, func(l *ticket.Link, n time.Time) error { return l.Take(first, n) }, 0, ticket.CodeClosed},
		"confirms after its time":          {nil, func(l *ticket.Link, n time.Time) error { return l.Confirm(first, n) }, time.Hour, ticket.CodeExpired},
		"asks after its time":              {nil, func(l *ticket.Link, n time.Time) error { return l.AskAgain(ada, n) }, time.Hour, ticket.CodeExpired},
		"asks after the close":             {func(l *ticket.Link) { l.Closed = begin }, func(l *ticket.Link, n time.Time) error { return l.AskAgain(ada, n) }, 0, ticket.CodeClosed},
		"closes after its time":            {nil, func(l *ticket.Link, n time.Time) error { return l.Close(ada, n) }, time.Hour, ticket.CodeExpired},
		"a colleague closes":               {nil, func(l *ticket.Link, n time.Time) error { return l.Close(bob, n) }, 0, ticket.CodeForbidden},
		"a colleague asks":                 {nil, func(l *ticket.Link, n time.Time) error { return l.AskAgain(bob, n) }, 0, ticket.CodeForbidden},
		"another computer after its time":  {func(l *ticket.Link) { l.Computer, l.Bound = first, begin }, func(l *ticket.Link, n time.Time) error { return l.Take(second, n) }, time.Hour, ticket.CodeInvalid},
		"another computer after the close": {func(l *ticket.Link) { l.Computer, l.Bound, l.Closed = first, begin, begin }, func(l *ticket.Link, n time.Time) error { return l.Confirm(second, n) }, 0, ticket.CodeInvalid},
	} {
		l := ticket.Link{ID: 7, Owner: "ada", Made: begin, Expires: begin.Add(time.Hour)}
		if c.change != nil {
			c.change(&l)
		}
		var no *ticket.Refusal
		if err := c.do(&l, begin.Add(c.after)); !errors.As(err, &no) || no.Code != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestLinkIsItsOwnUser(t *testing.T) {
	t.Parallel()
	a, b := ticket.Link{ID: 7}, ticket.Link{ID: 71}
	if a.User() == b.User() || a.User().Key != fmt.Sprintf("link:%d", a.ID) {
		t.Errorf("%+v, %+v", a.User(), b.User())
	}
}
