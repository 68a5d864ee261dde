package ticket_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// told is a ticket's events, "claimed ada 1" a word each, a minute after the other from start.
type told struct {
	at    int
	kind  ticket.EventKind
	by    string
	other string
	claim int
}

func trailOf(all ...told) []ticket.Event {
	var out []ticket.Event
	for _, e := range all {
		out = append(out, ticket.Event{At: epoch.Add(minutes(e.at)), Kind: e.kind, By: e.by, Other: e.other, Claim: e.claim})
	}
	return out
}

func TestReportCounts(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("Berlin", 3600)
	r := ticket.NewTally(epoch, epoch.Add(24*time.Hour), zone)
	came := func(s ticket.State, outcome ticket.End, sources ...string) ticket.Ticket {
		x := ticket.Ticket{ID: 1, State: s, Outcome: outcome, WaitingSince: epoch, QueuedAt: epoch, Expires: epoch.Add(time.Hour), User: ticket.User{Name: "Ingrid"}}
		if s.Ended() {
			x.EndedAt = epoch.Add(time.Hour)
		}
		for _, name := range sources {
			x.Deliveries = append(x.Deliveries, ticket.Arrival{Source: name})
		}
		return x
	}
	r.Add(came(ticket.Closed, ticket.Solved, "mailbox:a", "share:b"), trailOf(
		told{1, ticket.EventClaimed, "bob", "", 1}, told{1, ticket.EventUndone, "bob", "", 1},
		told{4, ticket.EventClaimed, "ada", "", 2}, told{6, ticket.EventConnected, "ada", "", 2}, told{16, ticket.EventReleased, "ada", "interrupted", 2},
		told{20, ticket.EventClaimed, "grace", "", 3}, told{21, ticket.EventTransferred, "grace", "lena", 4}, told{22, ticket.EventConnected, "lena", "", 4},
		told{30, ticket.EventClosed, "lena", "solved", 4}))
	r.Add(came(ticket.Expired, "", "mailbox:a"), trailOf(told{60, ticket.EventExpired, "", "", 0}))
	r.Add(came(ticket.Expired, "", "share:b"), trailOf(told{1, ticket.EventClaimed, "bob", "", 1}, told{1, ticket.EventUndone, "bob", "", 1}, told{60, ticket.EventExpired, "", "", 0}))
	r.Add(came(ticket.Expired, "", "share:b"), trailOf(told{12, ticket.EventClaimed, "ada", "", 1}, told{60, ticket.EventExpired, "", "", 0}))
	r.Add(came(ticket.Superseded, "", "share:b"), nil)
	r.Add(came(ticket.Withdrawn, "", "share:b"), nil)
	r.Add(came(ticket.Waiting, "", "share:b"), nil)
	dead := came(ticket.Expired, "", "share:b")
	dead.Expires = dead.QueuedAt
	r.Add(dead, nil)

	got := r.Report()
	if got.Came != 7 || got.Waited != 5 || got.Dead != 1 || len(got.Missed) != 2 || got.HandBacks != 1 || got.Missed[0].Name != "Ingrid" {
		t.Errorf("came %d, waited %d, dead %d, missed %d, handed back %d", got.Came, got.Waited, got.Dead, len(got.Missed), got.HandBacks)
	}
	if want := (ticket.Spread{N: 2, P50: minutes(4), P90: minutes(12), Max: minutes(12)}); got.Wait != want {
		t.Errorf("wait %+v", got.Wait)
	}
	if want := (ticket.Spread{N: 2, P50: minutes(1), P90: minutes(2), Max: minutes(2)}); got.Connect != want {
		t.Errorf("connect %+v", got.Connect)
	}
	if want := (ticket.Spread{N: 2, P50: minutes(8), P90: minutes(10), Max: minutes(10)}); got.Help != want {
		t.Errorf("help %+v", got.Help)
	}
	if got.Ends["solved"] != 1 || got.Ends["expired"] != 3 || got.Ends["open"] != 1 || got.Ends["superseded"] != 1 {
		t.Errorf("ends %v", got.Ends)
	}
	hour := got.Hours[epoch.In(zone).Hour()]
	if hour.Came != 7 || hour.Missed != 2 || hour.Wait.N != 2 {
		t.Errorf("hour %+v", hour)
	}
	names := ""
	for _, l := range got.Technicians {
		names += l.Name + " "
	}
	if ada := got.Technicians[0]; names != "ada grace lena " || ada.Claims != 2 || ada.Helped != 1 || ada.HandBacks != 1 || ada.Help.P50 != minutes(10) {
		t.Errorf("%s: %+v", names, got.Technicians)
	}
	if len(got.Sources) != 2 || got.Sources[1].Also != 1 || got.Sources[1].Dead != 1 || got.Sources[1].Missed != 1 || got.Sources[0].Came != 2 {
		t.Errorf("sources %+v", got.Sources)
	}
}

func TestSpreadTakesTheNearestRank(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][2]int{1: {1, 1}, 2: {1, 2}, 10: {5, 9}, 11: {6, 10}, 100: {50, 90}} {
		r := ticket.NewTally(epoch, epoch, time.UTC)
		for i := n; i > 0; i-- {
			r.Add(ticket.Ticket{State: ticket.Claimed, WaitingSince: epoch, QueuedAt: epoch, Expires: epoch.Add(time.Hour)}, trailOf(told{i, ticket.EventClaimed, "ada", "", 1}))
		}
		if got := r.Report().Wait; got.P50 != minutes(want[0]) || got.P90 != minutes(want[1]) || got.Max != minutes(n) || got.N != n {
			t.Errorf("%d: %+v", n, got)
		}
	}
}
