package web

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/templates"
	"inviter/ticket"
)

// open is what only the holder sees of a ticket.
func (s *Site) open(ctx context.Context, t ticket.Ticket, c caller, staff []ticket.Technician, now time.Time) (*templates.Open, error) {
	history, err := s.Queue.History(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	given, err := s.Queue.Status(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	var undo time.Time
	if t.Claim.Undoable(now) {
		undo = t.Claim.Since.Add(ticket.UndoFor)
	}
	return &templates.Open{
		UndoUntil: undo, Words: given.Words,
		Kind: string(t.Kind), Name: cmp.Or(t.User.Name, t.User.Address), Call: cmp.Or(t.User.Phone, t.User.Address),
		Claim: t.Claim.Number, Product: product(t), File: fileName(t), Size: t.Size, Fetched: t.Claim.Fetched, Connected: t.Claim.Connected,
		Since: t.Claim.Since, Password: t.PasswordRequired, Endpoints: endpoints(t.Endpoints), Message: t.Note, Came: came(t, now), PCName: t.ClaimedName,
		Before: before(history), Others: colleagues(staff, c), Reasons: reasons(), Ends: ends(),
	}, nil
}

func endpoints(all []invitation.Endpoint) []string {
	var list []string
	for _, e := range all {
		switch {
		case e.URI != "":
			list = append(list, e.URI)
		case e.Port == 0:
			list = append(list, e.Host) // a code
		case strings.Contains(e.Host, ":"):
			list = append(list, fmt.Sprintf("[%s]:%d", e.Host, e.Port))
		default:
			list = append(list, fmt.Sprintf("%s:%d", e.Host, e.Port))
		}
	}
	return list
}

func came(t ticket.Ticket, now time.Time) []templates.Arrival {
	var list []templates.Arrival
	for _, d := range t.Deliveries {
		list = append(list, templates.Arrival{Now: now, Place: place(d.Source), At: d.At, From: d.From})
	}
	return list
}

// before is the last time that somebody handed the ticket back.
func before(history []ticket.Event) *templates.Before {
	for i := len(history) - 1; i >= 0; i-- {
		if e := history[i]; e.Kind == ticket.EventReleased {
			return &templates.Before{Who: e.By, Reason: e.Other, Note: e.Note, At: e.At}
		}
	}
	return nil
}

func colleagues(staff []ticket.Technician, c caller) []string {
	var list []string
	for _, t := range staff {
		if t.MayClaim() && t.Name != c.Name {
			list = append(list, t.Name)
		}
	}
	return list
}

func reasons() []string {
	var list []string
	for _, r := range ticket.Reasons() {
		list = append(list, string(r))
	}
	return list
}

func ends() []string {
	var list []string
	for _, e := range ticket.Ends() {
		list = append(list, string(e))
	}
	return list
}

// product is whose code the ticket holds, "" where it is no code.
func product(t ticket.Ticket) string {
	if t.Kind != ticket.Code {
		return ""
	}
	return carrier.ProductName(t.Format)
}
