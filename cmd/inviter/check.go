package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"inviter/cmd/internal/program"
	"inviter/config"
	"inviter/database"
	"inviter/ticket"
	"inviter/watch"
)

// checkPatience bounds the check of one source.
const checkPatience = 45 * time.Second

type checkCommand struct {
	JSON bool `name:"json" help:"Print one JSON object a line for each thing that was tried."`
}

// tried is one line of the check.
type tried struct {
	Part   string  `json:"part"` // "database", "mailbox:helpdesk"
	What   string  `json:"what"`
	OK     bool    `json:"ok"`
	Detail string  `json:"detail"`
	Error  *string `json:"error"` // null where all is well
}

func try(part, what, detail string, err error) tried {
	t := tried{Part: part, What: what, OK: err == nil, Detail: detail}
	if err != nil {
		words := err.Error()
		t.Error = &words
	}
	return t
}

// Run tries everything that the configuration names. A configuration with
// mistakes ends it before that.
func (k checkCommand) Run(ctx context.Context, w *program.World) error {
	c, err := w.Config()
	if err != nil {
		return err
	}
	all := []tried{try("configuration", "read", w.File(), nil), clock(time.Now())}
	books, safe, closed := k.store(ctx, c, &all)
	defer closed()
	sources := watch.Open(c, watch.Means{Ledger: books, Safe: safe, Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
	all = append(all, checkSources(ctx, sources)...)
	all = append(all, warnings(ctx, books, sources)...)
	if provider := newProvider(c); provider != nil {
		ask, cancel := context.WithTimeout(ctx, checkPatience)
		err := provider.Check(ask)
		cancel()
		all = append(all, try("login", "ask the single sign-on provider", c.Login.OIDC.Issuer, err))
	}
	all = append(all, checkSMTP(ctx, c.SMTP))
	return k.tell(w, all)
}

// books are what a check reads of the store.
type books interface {
	ticket.Ledger
	Sources(ctx context.Context) ([]ticket.SourceState, error)
}

// store tries database and key. A database that is not there yet is not made.
func (checkCommand) store(ctx context.Context, c config.Config, all *[]tried) (books, watch.Safe, func()) {
	nothing := func() {}
	file := filepath.Join(c.Data, database.FileName)
	if c.Database != "" {
		file = "PostgreSQL"
	} else if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		*all = append(*all, try("database", "open", file+" will be made at the first start", writable(c.Data)))
		return blank{}, nil, nothing
	}
	store, err := program.OpenStore(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		*all = append(*all, try("database", "open", "", err))
		return blank{}, nil, nothing
	}
	_, err = store.Queue.Revision(ctx)
	*all = append(*all, try("database", "open and read", file, err), try("key", "fits the database", c.KeyFile, nil))
	if c.Database != "" {
		*all = append(*all, try("database", "keeps what it commits", "", store.DB.Durable(ctx)))
	}
	return store.Queue, store.Queue.Safe(c.Data), func() { _ = store.Close() }
}

// checkSMTP tries whether the mail server would take our mails.
func checkSMTP(ctx context.Context, c config.SMTP) tried {
	if c.URL == "" {
		return try("smtp", "configured", "no: users are not answered by mail", nil)
	}
	r := relay(c)
	r.Patience = checkPatience
	said, err := r.Check(ctx)
	if err != nil {
		err = fmt.Errorf("%s: %w; set smtp.url, its log-in, or smtp.starttls", c.Host, err)
	}
	return try("smtp", "connect, encrypt, log in", said, err)
}

// writable tells whether a folder, or the nearest one above it that is there,
// can be written to.
func writable(folder string) error {
	for {
		_, err := os.Stat(folder)
		if err == nil {
			break
		}
		if parent := filepath.Dir(folder); parent != folder && errors.Is(err, fs.ErrNotExist) {
			folder = parent
			continue
		}
		return err
	}
	f, err := os.CreateTemp(folder, ".inviter-check-")
	if err != nil {
		return fmt.Errorf("%w: let the account that runs inviter write there, or set data", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// clock tries what can be known of the computer's clock: expiry hangs on it.
func clock(now time.Time) tried {
	var err error
	if now.Year() < 2026 {
		err = errors.New("the computer's clock is years behind: set it, invitations expire by it")
	}
	return try("clock", "plausible", now.Format(time.RFC3339), err)
}

// checkSources tries all sources side by side.
func checkSources(ctx context.Context, sources []watch.Source) []tried {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	found := make([][]tried, len(sources))
	var each sync.WaitGroup
	for i, s := range sources {
		each.Go(func() {
			for _, f := range s.Check(ctx) {
				found[i] = append(found[i], try(s.Name(), f.What, f.Detail, f.Err))
			}
		})
	}
	each.Wait()
	var all []tried
	for _, lines := range found {
		all = append(all, lines...)
	}
	return all
}

// warnings are what works less well than configured, as those who watch have
// met it: that a folder can't be made shows when the first mail goes there.
func warnings(ctx context.Context, from books, sources []watch.Source) []tried {
	states, err := from.Sources(ctx)
	if err != nil {
		return []tried{try("database", "tells how sources are doing", "", err)}
	}
	var all []tried
	for _, s := range states {
		if s.State == ticket.SourceOK && s.LastError != "" && slices.Contains(watch.Names(sources), s.Name) {
			all = append(all, try(s.Name, "last look, "+s.LastSuccess.Local().Format(time.DateTime), "", errors.New(s.LastError)))
		}
	}
	return all
}

// tell prints the lines and fails if one of them did.
func (k checkCommand) tell(w *program.World, all []tried) error {
	var failed error
	for _, t := range all {
		if !t.OK {
			failed = program.ErrTold
		}
	}
	if k.JSON {
		encoder := json.NewEncoder(w.Out)
		for _, t := range all {
			if err := encoder.Encode(t); err != nil {
				return err
			}
		}
		return failed
	}
	table := tabwriter.NewWriter(w.Out, 0, 0, 2, ' ', 0)
	for _, t := range all {
		state, words := "ok", t.Detail
		if !t.OK {
			state, words = "FAILED", *t.Error
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", state, t.Part, t.What, words)
	}
	return errors.Join(table.Flush(), failed)
}

// blank is the ledger of a store that is not there yet.
type blank struct{}

func (blank) Sources(context.Context) ([]ticket.SourceState, error) { return nil, nil }

func (blank) Position(context.Context, string) (string, error) { return "", nil }
func (blank) Advance(context.Context, string, string) error    { return errors.ErrUnsupported }
func (blank) Recorded(context.Context, string, []string) (map[string]ticket.Entry, error) {
	return nil, nil
}
func (blank) Held(context.Context, string, int) ([]ticket.Entry, error) { return nil, nil }
func (blank) LetGo(context.Context, string, []string) error             { return errors.ErrUnsupported }
