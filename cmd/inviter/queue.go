package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"inviter/cmd/internal/program"
	"inviter/cmd/internal/remote"
	"inviter/invitation"
)

type queueCommand struct {
	remoteFlags
	State []string `help:"Only tickets in these states, separated by commas; without it all open ones." placeholder:"STATE"`
}

// Run lists tickets, longest in line first.
func (l queueCommand) Run(ctx context.Context, w *program.World) error {
	q, err := l.open()
	if err != nil {
		return err
	}
	tickets, err := q.List(ctx, l.State)
	if err != nil {
		return err
	}
	if l.JSON {
		for _, t := range tickets {
			if _, err := fmt.Fprintf(w.Out, "%s\n", t.Raw); err != nil {
				return err
			}
		}
		return nil
	}
	return table(w.Out, tickets, time.Now())
}

// table prints tickets for people.
func table(out io.Writer, tickets []remote.Ticket, now time.Time) error {
	if len(tickets) == 0 {
		_, err := fmt.Fprintln(out, "No tickets.")
		return err
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "TICKET\tSTATE\tKIND\tWAITING\tLEFT\tWITH\tUSER\tNOTE")
	for _, k := range tickets {
		holder := "-"
		if k.Claim != nil {
			holder = invitation.Clean(k.Claim.Holder)
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.State, k.Kind, span(now.Sub(k.WaitingSince)), span(k.ExpiresAt.Sub(now)),
			holder, invitation.CleanLine(name(k), 40), invitation.CleanLine(k.Note, 60))
	}
	return t.Flush()
}

// span is a length of time in the two units that matter: 3 h 05 min.
func span(d time.Duration) string {
	switch minutes := int(d.Minutes()); {
	case d < 0:
		return "-"
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 48*60:
		return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
	default:
		return fmt.Sprintf("%d d", minutes/60/24)
	}
}

// name is what to call the user, fit for a terminal.
func name(t remote.Ticket) string {
	return cmp.Or(invitation.Clean(t.User.Name), invitation.Clean(t.User.Address), invitation.Clean(t.User.ClaimedName), "unknown")
}

type showCommand struct {
	remoteFlags
	Ticket numbered `arg:"" help:"The ticket's number."`
}

// Run shows one ticket with all that happened to it.
func (s showCommand) Run(ctx context.Context, w *program.World) error {
	q, err := s.open()
	if err != nil {
		return err
	}
	t, err := q.Show(ctx, int64(s.Ticket))
	if err != nil {
		return err
	}
	return s.print(w, t, show)
}

func show(out io.Writer, t remote.Ticket) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, line := range facts(t) {
		if line[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", line[0], line[1])
		}
	}
	fmt.Fprintln(w)
	for _, e := range t.Events {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", stamp(e.At), e.Kind, invitation.Clean(e.By), invitation.Clean(e.Note))
	}
	return w.Flush()
}

// facts are what there is to say of a ticket, in the order of reading.
func facts(t remote.Ticket) [][2]string {
	lines := [][2]string{
		{"Ticket", strconv.FormatInt(t.ID, 10) + ", " + t.State + outcome(t)},
		{"Kind", kind(t)}, {"User", name(t)}, {"Address", invitation.Clean(t.User.Address)}, {"Phone", invitation.Clean(t.User.Phone)},
		{"Account", invitation.Clean(t.User.ClaimedName)}, {"Note", invitation.Clean(t.Note)},
		{"Waiting since", stamp(t.WaitingSince)}, {"Ends", stamp(t.ExpiresAt)},
		{"Marks", strings.Join(t.Flags, ", ")}, {"Addresses", addresses(t)},
	}
	for _, d := range t.Deliveries {
		lines = append(lines, [2]string{"Came", stamp(d.At) + " by " + invitation.Clean(d.Source)})
	}
	if c := t.Claim; c != nil {
		lines = append(lines, [2]string{"With", invitation.Clean(c.Holder) + " since " + stamp(c.Since) + ", claim " + strconv.Itoa(c.Number)})
	}
	return lines
}

// kind is what the user gave us, in words; nothing for an invitation file.
func kind(t remote.Ticket) string {
	switch t.Kind {
	case "offer":
		return "by phone, no file: offer help with msra /offerra COMPUTER"
	case "easyconnect":
		if t.PasswordRequired {
			return "Easy Connect, no file: ask for the password on the phone, then msra /offereasyhelp"
		}
		return "Easy Connect, no file, no password call needed: a trusted contact"
	case "code":
		return "an id of another product"
	}
	return ""
}

func outcome(t remote.Ticket) string {
	if t.Outcome == "" {
		return ""
	}
	return " (" + t.Outcome + ")"
}

func addresses(t remote.Ticket) string {
	var all []string
	for _, e := range t.Endpoints {
		if e.URI != "" {
			all = append(all, invitation.Clean(e.URI))
			continue
		}
		if e.Port == 0 { // a computer, or another product's id
			all = append(all, invitation.Clean(e.Host))
			continue
		}
		all = append(all, net.JoinHostPort(invitation.Clean(e.Host), strconv.Itoa(e.Port)))
	}
	return strings.Join(all, ", ")
}

// stamp is an instant on the reader's clock; nothing for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}
