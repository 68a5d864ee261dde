package web

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/templates"
	"inviter/ticket"
)

func noon() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

func at(minutes int) time.Time { return noon().Add(time.Duration(minutes) * time.Minute) }

func TestSafePath(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/": "/", "/tickets/4?x=1": "/tickets/4?x=1", "": "/", "x": "/", "//evil": "/", "http://evil": "/", "/\\evil": "/", "/%2f%2fevil": "/%2f%2fevil",
		"/\r\nSet-Cookie: x": "/", "javascript:alert(1)": "/", "\x00": "/", "/a\tb": "/",
	} {
		if got := safePath(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestBackIsOurOwnPage(t *testing.T) {
	t.Parallel()
	for referer, want := range map[string]string{
		"": "/", "http://example.com/?show=mine&q=jane": "/?q=jane&show=mine", "http://example.com/tickets/4?said=taken&about=4": "/tickets/4",
		"http://evil.example/tickets/4": "/", "://": "/", "http://example.com//evil": "/",
	} {
		r := httptest.NewRequest("POST", "http://example.com/claims", nil)
		r.Header.Set("Referer", referer)
		if got := back(r).String(); got != want {
			t.Errorf("%q: %q, want %q", referer, got, want)
		}
	}
}

func TestAcceptsGzip(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{"": false, "gzip": true, "gzip, deflate, br": true, "br;q=1.0, gzip;q=0.8": true, "gzip;q=0": false, "x-gzip": false, "identity": false} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", header)
		if acceptsGzip(r) != want {
			t.Errorf("%q: %v", header, !want)
		}
	}
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.7:4711": "192.0.2.0/24", "192.0.2.7": "192.0.2.0/24", "[2001:db8::7]:1": "2001:db8::/64", "[::ffff:192.0.2.7]:1": "192.0.2.0/24",
		"[fe80::1%eth0]:1": "fe80::/64", "@": "@", "": "",
	} {
		if got := networkOf(address); got != want {
			t.Errorf("%q lies in %q, want %q", address, got, want)
		}
	}
}

func TestThrottleRemembersABoundedNumber(t *testing.T) {
	t.Parallel()
	now := noon()
	b := newBuckets(1, 2)
	if !b.take("often", now) {
		t.Fatal("the first try is refused")
	}
	for i := range 2 * maxBuckets {
		b.take(fmt.Sprint(i), now)
		if i == maxBuckets/2 {
			b.take("often", now)
		}
	}
	if len(b.byKey) != maxBuckets || b.recent.Len() != maxBuckets {
		t.Errorf("%d and %d are remembered", len(b.byKey), b.recent.Len())
	}
	if _, ok := b.byKey["0"]; ok {
		t.Error("the longest unused is still there")
	}
	if b.take("19999", now); b.take("19999", now) {
		t.Error("a known one has no bound")
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]templates.Place{
		"mailbox:helpdesk": {Kind: "mailbox", Name: "helpdesk"}, "share:a:b": {Kind: "share", Name: "a:b"},
		"upload": {Kind: "upload", Name: "upload"}, "fax:x": {Kind: "upload", Name: "fax:x"}, "": {Kind: "upload"},
	} {
		if got := place(source); got != want {
			t.Errorf("%q: %+v", source, got)
		}
	}
}

func TestOrderIsThatOfTheLine(t *testing.T) {
	t.Parallel()
	line := []ticket.Ticket{
		{ID: 9, WaitingSince: time.UnixMilli(1)}, {ID: 2, WaitingSince: at(-600)}, {ID: 10, WaitingSince: at(0)}, {ID: 11, WaitingSince: at(0)}, {ID: 3, WaitingSince: at(1)},
	}
	for i := 1; i < len(line); i++ {
		if order(line[i-1]) >= order(line[i]) {
			t.Errorf("%s stands behind %s", order(line[i-1]), order(line[i]))
		}
	}
}

// TestWhatAReaderCanDo is every kind of reader before every kind of row.
func TestWhatAReaderCanDo(t *testing.T) {
	t.Parallel()
	s := &Site{Options: Options{ConfirmOutside: true}}
	claim := func(by string, lease int) *ticket.Claim {
		return &ticket.Claim{Number: 1, Holder: by, Since: at(-30), LeaseUntil: at(lease)}
	}
	waiting := ticket.Ticket{State: ticket.Waiting, Expires: at(60)}
	outside := ticket.Ticket{State: ticket.Waiting, Expires: at(60), Flags: []ticket.Flag{ticket.OutsideNetworks}}
	over := ticket.Ticket{State: ticket.Waiting, Expires: at(0)}
	check := ticket.Ticket{State: ticket.Quarantined, Expires: at(60)}
	theirs := ticket.Ticket{State: ticket.Claimed, Expires: at(60), Claim: claim("bob", 1)}
	silent := ticket.Ticket{State: ticket.Claimed, Expires: at(60), Claim: claim("bob", -1)}
	past := ticket.Ticket{State: ticket.Claimed, Expires: at(-1), Claim: claim("bob", -1)}
	mine := ticket.Ticket{State: ticket.Claimed, Expires: at(60), Claim: claim("ada", 1)}
	closed := ticket.Ticket{State: ticket.Closed, Expires: at(60)}
	for _, c := range []struct {
		name string
		t    ticket.Ticket
		role ticket.Role
		want templates.Can
	}{
		{"waiting", waiting, ticket.RoleTechnician, templates.Can{Claim: true}},
		{"waiting", waiting, ticket.RoleViewer, templates.Can{}},
		{"waiting", waiting, ticket.RoleAuditor, templates.Can{}},
		{"waiting", waiting, ticket.RoleLead, templates.Can{Claim: true, Close: true}},
		{"outside", outside, ticket.RoleTechnician, templates.Can{Claim: true, Ask: true}},
		{"outside", outside, ticket.RoleViewer, templates.Can{}},
		{"over", over, ticket.RoleTechnician, templates.Can{}},
		{"to check", check, ticket.RoleTechnician, templates.Can{}},
		{"to check", check, ticket.RoleAdmin, templates.Can{Decide: true, Close: true}},
		{"theirs", theirs, ticket.RoleTechnician, templates.Can{}},
		{"theirs", theirs, ticket.RoleLead, templates.Can{TakeOver: true, Close: true}},
		{"silent", silent, ticket.RoleTechnician, templates.Can{TakeOver: true}},
		{"silent", silent, ticket.RoleViewer, templates.Can{}},
		{"past", past, ticket.RoleLead, templates.Can{Close: true}},
		{"mine", mine, ticket.RoleTechnician, templates.Can{}},
		{"mine", mine, ticket.RoleLead, templates.Can{}},
		{"closed", closed, ticket.RoleLead, templates.Can{}},
	} {
		if got := s.can(c.t, caller{pass: pass{Technician: ticket.Technician{Name: "ada", Role: c.role}}}, noon()); got != c.want {
			t.Errorf("%s, %s: %+v, want %+v", c.role, c.name, got, c.want)
		}
	}
}

func TestRow(t *testing.T) {
	t.Parallel()
	s := &Site{}
	one := ticket.Ticket{
		ID: 7, State: ticket.Waiting, WaitingSince: at(-5), QueuedAt: at(0).Add(-59 * time.Second), Expires: at(60), ClaimedName: "Administrator",
		Flags:      []ticket.Flag{ticket.NameMismatch, ticket.WithHolder, ticket.Forwarded},
		Reserved:   &ticket.Reservation{Holder: "bob", Until: at(1)},
		Deliveries: []ticket.Arrival{{Source: "mailbox:a"}, {Source: "share:b"}, {Source: "mailbox:a"}, {Source: "share:b"}},
	}
	r := s.row(one, caller{}, noon())
	if !r.New() || r.From.Name != "a" || len(r.Also) != 1 || r.Also[0].Name != "b" || r.Holder != nil {
		t.Errorf("%+v", r)
	}
	if len(r.Tags) != 3 || r.Tags[0].Who != "Administrator" || r.Tags[1].Who != "bob" || r.Tags[2].Who != "" {
		t.Errorf("tags %+v", r.Tags)
	}
	one.QueuedAt, one.Reserved = at(-1), nil
	if r := s.row(one, caller{}, noon()); r.New() || len(r.Tags) != 2 {
		t.Errorf("after a minute, and without its holder: %+v", r)
	}
}

func TestEndpointsInWords(t *testing.T) {
	t.Parallel()
	one := ticket.Ticket{Endpoints: []invitation.Endpoint{{Host: "10.0.0.1", Port: 3389}, {Host: "2001:db8::7", Port: 1}, {Host: "pc7", Port: 2}, {URI: "tcp://x"}}}
	if got := strings.Join(endpoints(one.Endpoints), " "); got != "10.0.0.1:3389 [2001:db8::7]:1 pc7:2 tcp://x" {
		t.Error(got)
	}
}

// history is the life that the designer's ticket page shows.
func history() (ticket.Ticket, []ticket.Event) {
	one := ticket.Ticket{ID: 402, State: ticket.Closed, WaitingSince: at(0), Expires: at(120), EndedAt: at(66)}
	var events []ticket.Event
	add := func(minute int, kind ticket.EventKind, by, other string) {
		events = append(events, ticket.Event{Ticket: 402, At: at(minute), Kind: kind, By: by, Other: other})
	}
	add(0, ticket.EventSubmitted, "", "mailbox:helpdesk")
	add(8, ticket.EventRepeated, "", "share:support")
	add(19, ticket.EventClaimed, "tomasz", "")
	add(20, ticket.EventFetched, "tomasz", "10.0.0.9")
	add(26, ticket.EventReleased, "tomasz", "no-answer")
	add(40, ticket.EventClaimed, "grace", "")
	add(44, ticket.EventConnected, "grace", "")
	add(66, ticket.EventClosed, "grace", "solved")
	return one, events
}

func TestTimesOfATicket(t *testing.T) {
	t.Parallel()
	one, events := history()
	wait, connect, help := times(one, events)
	if wait != 19*time.Minute || connect != 4*time.Minute || help != 22*time.Minute {
		t.Errorf("wait %v, connect %v, help %v", wait, connect, help)
	}
	f := facts(one, events, caller{}, noon())
	if f.EndedBy != "grace" || f.Wait != wait || f.Endpoints != nil {
		t.Errorf("%+v", f)
	}
	if b := before(events); b.Who != "tomasz" || b.Reason != "no-answer" {
		t.Errorf("handed back by %+v", b)
	}
	if before(events[:3]) != nil {
		t.Error("nobody handed it back yet")
	}
}

func TestTrail(t *testing.T) {
	t.Parallel()
	one, events := history()
	steps := trail(one, events)
	var phases []string
	for _, s := range steps {
		phases = append(phases, s.Kind+":"+s.Phase)
	}
	want := "submitted: repeated: claimed:held fetched:held released: claimed:held connected:helping closed:"
	if got := strings.Join(phases, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if steps[2].After != 19*time.Minute || steps[6].After != 4*time.Minute || steps[0].Way.Name != "helpdesk" || steps[1].Way.Kind != "share" {
		t.Errorf("%+v", steps)
	}
	for i := 1; i < len(steps); i++ {
		if !steps[i].Now.Equal(steps[i-1].At) {
			t.Errorf("step %d is told from %v", i, steps[i].Now)
		}
	}
}

func TestStory(t *testing.T) {
	t.Parallel()
	one, events := history()
	stretches, ticks := story(one, events, at(200))
	var told []string
	for _, s := range stretches {
		told = append(told, fmt.Sprintf("%s %s %.3f-%.3f %v", s.Kind, s.Who, s.From, s.To, s.Time))
	}
	want := "waits  0.000-0.158 19m0s|holds tomasz 0.158-0.217 7m0s|waits  0.217-0.333 14m0s|holds grace 0.333-0.367 4m0s|helps grace 0.367-0.550 22m0s"
	if got := strings.Join(told, "|"); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if len(ticks) < 3 || ticks[0].Anchor != "start" || ticks[len(ticks)-1].Anchor != "end" || !ticks[len(ticks)-1].Time.Equal(at(120)) {
		t.Errorf("marks %+v", ticks)
	}
	open := one
	open.State, open.EndedAt = ticket.Claimed, time.Time{}
	if stretches, _ := story(open, events[:7], at(50)); stretches[len(stretches)-1].Kind != "helps" || stretches[len(stretches)-1].To < 0.41 {
		t.Errorf("while it goes on: %+v", stretches)
	}
	for _, odd := range []ticket.Ticket{{WaitingSince: at(0), Expires: at(0)}, {WaitingSince: at(5), Expires: at(0), EndedAt: at(1)}} {
		if s, m := story(odd, nil, at(0)); s != nil || m != nil {
			t.Errorf("a life of no length is drawn: %v %v", s, m)
		}
	}
	if m := marks(at(0), at(60*24*365), at(0)); len(m) > 10 {
		t.Errorf("%d marks under a life of a year", len(m))
	}
}

func TestFeedsAreServedOrNot(t *testing.T) {
	t.Parallel()
	f := feeds([]ticket.SourceState{
		{Name: "mailbox:a", State: ticket.SourceOK, LastSuccess: at(0)}, {Name: "share:b", State: ticket.SourceFailing, LastSuccess: at(0)},
		{Name: "share:c", State: ticket.SourceLate}, {Name: "share:d", State: ticket.SourceGone, LastSuccess: at(0)},
		{Name: "mailbox:e", State: ticket.SourceOK, LastSuccess: at(0), LastError: "mail stays where it is"},
	}, caller{}, noon())
	if len(f.Well) != 2 || f.Well[0].State != "ok" || f.Well[1].State != "warned" || len(f.Away) != 3 || f.Away[1].State != "new" || f.Scan {
		t.Errorf("%+v", f)
	}
	for _, c := range []struct {
		last time.Time
		want bool
	}{{at(-3), true}, {at(-3).Add(-time.Millisecond), false}, {time.Time{}, false}} {
		if got := served(ticket.SourceState{LastSuccess: c.last, Period: time.Minute}, noon()); got != c.want {
			t.Errorf("last success %v: served %v", c.last, got)
		}
	}
}

func TestStatusOfEveryRefusal(t *testing.T) {
	t.Parallel()
	l, err := templates.New(time.UTC, "en")
	if err != nil {
		t.Fatal(err)
	}
	en := l.Match("en", "")
	for code, want := range map[ticket.RefusalCode]int{
		ticket.CodeTaken: 409, ticket.CodeFirstRefusal: 409, ticket.CodeNotHolder: 409, ticket.CodeLeaseAlive: 409, ticket.CodeNotClaimed: 409, ticket.CodeTooLate: 409,
		ticket.CodeExpired: 410, ticket.CodeClosed: 410, ticket.CodeWithdrawn: 410, ticket.CodeSuperseded: 410, ticket.CodeRefused: 410,
		ticket.CodeQuarantined: 423, ticket.CodeUnknown: 404, ticket.CodeForbidden: 403, ticket.CodeBadRequest: 400,
		codeUnauthorized: 401, codeTooMany: 429, codeUnavailable: 503, codeNotFound: 404, codeNotAllowed: 405, codeFault: 500,
	} {
		n := no{Refusal: ticket.Refusal{Code: code}}
		if n.status() != want || !en.Has(n.title()) {
			t.Errorf("%s: %d, want %d; title %v", code, n.status(), want, en.Has(n.title()))
		}
	}
	for _, code := range []invitation.Code{
		invitation.NotAnInvitation, invitation.Damaged, invitation.ForbiddenXML, invitation.Contradictory, invitation.NoTicket, invitation.BadAddress,
		invitation.BadTime, invitation.NoLifetime, invitation.TooLarge, invitation.EncryptedArchive, invitation.TooDeep, invitation.TooMany,
	} {
		n, expected := refusal(fmt.Errorf("wrapped: %w", &invitation.Refusal{Code: code}))
		want := 422
		if code == invitation.TooLarge {
			want = 413
		}
		if !expected || n.status() != want || !en.Has(n.title()) || !en.Has("intake."+string(code)) {
			t.Errorf("%s: %v %d, title %v", code, expected, n.status(), en.Has(n.title()))
		}
	}
}
