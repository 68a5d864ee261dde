package ticket_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

func TestRivalKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]struct {
		key  string
		more bool
	}{
		ticket.MailKey("Jane@Example.org", ticket.Proven):   {"mail:jane@example.org unproven", true},
		ticket.MailKey("jane@example.org", ticket.Unproven): {"mail:jane@example.org proven", false},
		"mail:jane@example.org unproven via eve@x":          {"mail:jane@example.org proven", false},
		"mail:jane@example.org unproven via eve@x proven":   {"mail:jane@example.org proven", false},
		"mail:jane@example.org":                             {"", false},
		"owner:1000":                                        {"", false},
		"":                                                  {"", false},
	} {
		if got, more := (ticket.User{Key: key}).RivalKey(); got != want.key || more != want.more {
			t.Errorf("%q: %q, %v", key, got, more)
		}
	}
	if ticket.MailKey("", ticket.Proven) != "" {
		t.Error("a key of nobody")
	}
}

func TestSenderConflict(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		rival, own time.Duration // to live
		state      ticket.State
		want       bool
	}{
		"waiting":          {time.Hour, time.Hour, ticket.Waiting, true},
		"quarantined":      {time.Hour, time.Hour, ticket.Quarantined, true},
		"past its expiry":  {0, time.Hour, ticket.Waiting, false},
		"claimed, too":     {0, time.Hour, ticket.Claimed, true},
		"ended":            {time.Hour, time.Hour, ticket.Closed, false},
		"dead on arrival":  {time.Hour, 0, ticket.Waiting, false},
		"rival waits long": {48 * time.Hour, time.Hour, ticket.Waiting, true},
	} {
		rival := &ticket.Ticket{ID: 1, State: c.state, Expires: now.Add(c.rival)}
		own := &ticket.Ticket{ID: 2, State: ticket.Waiting, Expires: now.Add(c.own), Deliveries: []ticket.Arrival{{}}}
		k := ticket.Case{Ticket: own, Rivals: []*ticket.Ticket{rival}, Now: now, Rules: ticket.DefaultRules()}
		k.Submit()
		if own.Has(ticket.SenderConflict) != c.want || rival.Has(ticket.SenderConflict) != c.want {
			t.Errorf("%s: own %v, rival %v", name, own.Flags, rival.Flags)
		}
		if rival.State != c.state || rival.SupersededBy != 0 {
			t.Errorf("%s: the rival is %s", name, rival.State)
		}
	}
}
