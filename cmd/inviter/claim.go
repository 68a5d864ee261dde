package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"inviter/cmd/internal/program"
	"inviter/cmd/internal/remote"
	"inviter/config"
	"inviter/invitation"
)

// remoteFlags are what every technician's command needs: where the server is, as
// whom to ask, and how to print.
type remoteFlags struct {
	URL       string `name:"url" env:"INVITER_URL" default:"http://127.0.0.1:8080" help:"Address of the running server." placeholder:"URL"`
	TokenFile string `help:"File that holds the API token; without it the environment's INVITER_TOKEN." placeholder:"FILE"`
	JSON      bool   `name:"json" help:"Print one JSON object a line, as the HTTP API has it."`
}

// tokenVariable holds the token: as a flag, every user of the computer could
// read it in the list of processes.
const tokenVariable = "INVITER_TOKEN"

// open makes the way to the server.
func (f remoteFlags) open() (*remote.Queue, error) {
	token := os.Getenv(tokenVariable)
	if f.TokenFile != "" {
		secret, err := config.ReadSecret(f.TokenFile)
		if err != nil {
			return nil, program.Misuse("--token-file: " + err.Error())
		}
		token = secret.Reveal()
	}
	q, err := remote.New(f.URL, token)
	if err != nil {
		return nil, program.Misuse(err.Error())
	}
	return q, nil
}

// print writes a ticket as the server sent it, or in words.
func (f remoteFlags) print(w *program.World, t remote.Ticket, say func(io.Writer, remote.Ticket) error) error {
	if f.JSON {
		_, err := fmt.Fprintf(w.Out, "%s\n", t.Raw)
		return err
	}
	return say(w.Out, t)
}

// numbered is a ticket that a command names, as people write it: 42 or #42.
type numbered int64

// UnmarshalText reads a ticket's number.
func (n *numbered) UnmarshalText(text []byte) error {
	if len(text) > 0 && text[0] == '#' {
		text = text[1:]
	}
	id, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || id <= 0 {
		return fmt.Errorf("%q is no ticket's number", text)
	}
	*n = numbered(id)
	return nil
}

type claimCommand struct {
	remoteFlags
	Ticket string `arg:"" help:"The ticket's number, or next: the one longest in line, or whose time runs out." placeholder:"ID|next"`
}

// Run claims, and fails with the server's word if somebody else has it.
func (c claimCommand) Run(ctx context.Context, w *program.World) error {
	q, err := c.open()
	if err != nil {
		return err
	}
	t, err := c.claim(ctx, q)
	if err != nil {
		return err
	}
	return c.print(w, t, func(out io.Writer, t remote.Ticket) error {
		fmt.Fprintf(out, "Ticket %d is yours: %s, until %s.\n", t.ID, name(t), remote.Clock(t.ExpiresAt))
		line := fmt.Sprintf("Get the invitation with: inviter fetch %d", t.ID)
		switch {
		case t.Kind == "offer":
			line = "Call, then offer help with: msra /offerra " + addresses(t)
		case t.Kind == "easyconnect":
			line = "Call " + cmp.Or(invitation.Clean(t.User.Phone), invitation.Clean(t.User.Address)) + ". It is " + kind(t) + "."
		}
		_, err := fmt.Fprintln(out, line)
		return err
	})
}

func (c claimCommand) claim(ctx context.Context, q *remote.Queue) (remote.Ticket, error) {
	if c.Ticket == "next" {
		t, some, err := q.Next(ctx)
		if err == nil && !some {
			err = errors.New("nothing waits that you may claim")
		}
		return t, err
	}
	var id numbered
	if err := id.UnmarshalText([]byte(c.Ticket)); err != nil {
		return remote.Ticket{}, program.Misuse(err.Error() + "; write a number, or next")
	}
	return q.Claim(ctx, int64(id))
}

// held names a ticket that the caller holds.
type held struct {
	remoteFlags
	Ticket numbered `arg:"" help:"The ticket's number."`
	Claim  int      `help:"The claim's number, so that a later claim of yours is left alone. Without it, the present one." placeholder:"N"`
}

// number is the claim that is meant. The server still refuses it if it is
// somebody else's.
func (h held) number(ctx context.Context, q *remote.Queue) (int, error) {
	if h.Claim != 0 {
		return h.Claim, nil
	}
	t, err := q.Show(ctx, int64(h.Ticket))
	if err != nil || t.Claim == nil {
		return 0, err
	}
	return t.Claim.Number, nil
}

// unheld says in words what the server calls a missing claim number.
func (h held) unheld(claim int, err error) error {
	var no *remote.Refusal
	if claim == 0 && errors.As(err, &no) && no.Status == http.StatusBadRequest {
		return fmt.Errorf("nobody holds ticket %d; claim it first with: inviter claim %d", h.Ticket, h.Ticket)
	}
	return err
}

type releaseCommand struct {
	held
	Reason string `help:"Why: no-answer, not-reachable, wrong-skill, interrupted or other." enum:"no-answer,not-reachable,wrong-skill,interrupted,other" default:"other"`
	Note   string `help:"For whoever takes it next."`
}

// Run hands a ticket back to its place in line.
func (r releaseCommand) Run(ctx context.Context, w *program.World) error {
	return r.say(ctx, w, func(q *remote.Queue, claim int) (remote.Ticket, error) {
		return q.Release(ctx, int64(r.Ticket), claim, r.Reason, r.Note)
	}, "Ticket %d is handed back; it is %s.\n")
}

type closeCommand struct {
	held
	Outcome string `help:"How it went: solved, unsolved, no-answer or misuse." enum:"solved,unsolved,no-answer,misuse" default:"solved"`
	Note    string `help:"What was done."`
}

// Run ends a ticket for good.
func (c closeCommand) Run(ctx context.Context, w *program.World) error {
	return c.say(ctx, w, func(q *remote.Queue, claim int) (remote.Ticket, error) {
		return q.Close(ctx, int64(c.Ticket), claim, c.Outcome, c.Note)
	}, "Ticket %d is %s.\n")
}

// say says a verb of the holder's and tells what became of the ticket.
func (h held) say(ctx context.Context, w *program.World, verb func(*remote.Queue, int) (remote.Ticket, error), words string) error {
	q, err := h.open()
	if err != nil {
		return err
	}
	claim, err := h.number(ctx, q)
	if err != nil {
		return err
	}
	t, err := verb(q, claim)
	if err != nil {
		return h.unheld(claim, err)
	}
	return h.print(w, t, func(out io.Writer, t remote.Ticket) error {
		_, err := fmt.Fprintf(out, words, t.ID, t.State)
		return err
	})
}

type fetchCommand struct {
	held
	Output string `short:"o" help:"Where to write it; - is standard output. Never over another file." placeholder:"FILE"`
}

// fetched is what fetch tells programs.
type fetched struct {
	ID   int64  `json:"id"`
	File string `json:"file"`
	Size int    `json:"size"`
}

// Run writes the invitation into a file that only its owner can read.
func (f fetchCommand) Run(ctx context.Context, w *program.World) error {
	q, err := f.open()
	if err != nil {
		return err
	}
	claim, err := f.number(ctx, q)
	if err != nil {
		return err
	}
	file, err := q.File(ctx, int64(f.Ticket), claim)
	if err != nil {
		return f.unheld(claim, err)
	}
	if f.Output == "-" {
		_, err := w.Out.Write(file)
		return err
	}
	if f.Output == "" {
		f.Output = fmt.Sprintf("ticket-%d.msrcIncident", f.Ticket)
	}
	if err := writeNew(f.Output, file); err != nil {
		return err
	}
	if f.JSON {
		return json.NewEncoder(w.Out).Encode(fetched{int64(f.Ticket), f.Output, len(file)})
	}
	_, err = fmt.Fprintf(w.Out, "%s\nWhoever has this file and the password may connect: delete it afterwards.\n", f.Output)
	return err
}

// writeNew writes a file that was not there before, for its owner only.
func writeNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already; take another name with --output", path)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}
