package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"

	"inviter/cmd/internal/program"
	"inviter/watch"
)

type onceCommand struct {
	JSON bool `name:"json" help:"Print one JSON object a line for each source."`
}

// result is one source's line, as INTERFACE.md names its fields.
type result struct {
	Source   string  `json:"source"`
	Seen     int     `json:"seen"`
	Queued   int     `json:"queued"`
	Repeated int     `json:"repeated"`
	Refused  int     `json:"refused"`
	Ignored  int     `json:"ignored"`
	Pending  int     `json:"pending"`
	Error    *string `json:"error"` // null where all went well
}

// Run makes one pass over every source. It fails if any source did.
func (o onceCommand) Run(ctx context.Context, w *program.World) error {
	c, err := w.Config()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(w.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	store, err := program.OpenStore(ctx, c, log)
	if err != nil {
		return err
	}
	defer store.Close()
	sources := store.Sources(c, slog.New(slog.DiscardHandler)) // the results tell what went wrong
	if len(sources) == 0 {
		return program.NothingToWatch(w)
	}
	watcher, err := store.Watcher(sources, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return o.tell(w, watcher.Once(ctx))
}

// tell prints the results, and the errors for people on standard error.
func (o onceCommand) tell(w *program.World, found []watch.Result) error {
	results, failed := make([]result, len(found)), error(nil)
	for i, f := range found {
		results[i] = result{f.Source, f.Pass.Seen, f.Pass.Queued, f.Pass.Repeated, f.Pass.Refused, f.Pass.Ignored, f.Pass.Pending, nil}
		if f.Err != nil {
			results[i].Error = &f.Words
			failed = errors.Join(failed, fmt.Errorf("%s: %s", f.Source, f.Words))
		}
	}
	print := table
	if o.JSON {
		print = lines
	}
	return errors.Join(failed, print(w.Out, results))
}

func lines(out io.Writer, results []result) error {
	encoder := json.NewEncoder(out)
	for _, r := range results {
		if err := encoder.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

func table(out io.Writer, results []result) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SOURCE\tSEEN\tQUEUED\tREPEATED\tREFUSED\tIGNORED\tPENDING\t")
	for _, r := range results {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", r.Source, r.Seen, r.Queued, r.Repeated, r.Refused, r.Ignored, r.Pending)
	}
	return t.Flush()
}
