package sourcetest

import (
	"context"
	"fmt"

	"inviter/ticket"
)

var _ ticket.Ledger = (*Recorder)(nil)

// Position is the mark that Advance saved last.
func (r *Recorder) Position(ctx context.Context, source string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, ""); err != nil {
		return "", err
	}
	return r.place(source).mark, nil
}

// Advance saves the source's mark.
func (r *Recorder) Advance(ctx context.Context, source, mark string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, ""); err != nil {
		return err
	}
	r.place(source).mark = mark
	return nil
}

// Recorded tells which of items were submitted before.
func (r *Recorder) Recorded(ctx context.Context, source string, items []string) (map[string]ticket.Entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, ""); err != nil {
		return nil, err
	}
	found := map[string]ticket.Entry{}
	for _, item := range items {
		if e := r.place(source).entries[item]; e != nil {
			found[item] = *e
		}
	}
	return found, nil
}

// Held lists what was submitted but not yet let go, oldest first.
func (r *Recorder) Held(ctx context.Context, source string, limit int) ([]ticket.Entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, ""); err != nil {
		return nil, err
	}
	return r.held(source, limit), nil
}

func (r *Recorder) held(source string, limit int) []ticket.Entry {
	var held []ticket.Entry
	p := r.place(source)
	for _, item := range p.order {
		if e := p.entries[item]; !e.LetGo && len(held) < limit {
			held = append(held, *e)
		}
	}
	return held
}

// LetGo notes that items have left the source. An item that was never
// submitted is a fault: a source that lets go of such a thing has lost it.
func (r *Recorder) LetGo(ctx context.Context, source string, items []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, BeforeLetGo); err != nil {
		return err
	}
	for _, item := range items {
		if r.place(source).entries[item] == nil {
			return fmt.Errorf("let go of %q, which was never submitted", item)
		}
	}
	for _, item := range items {
		r.place(source).entries[item].LetGo = true
	}
	return r.dies(AfterLetGo)
}
