package sourcetest_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// shelf is the simplest place there is: items in a map.
type shelf struct {
	mu    sync.Mutex
	items map[string][]byte
	away  bool
	reads int
}

// keeper is a source over a shelf. Its bug, if any, breaks one promise.
type keeper struct {
	shelf  *shelf
	ledger ticket.Ledger
	bug    string
}

func (k *keeper) Name() string                          { return "shelf:test" }
func (k *keeper) Hints(context.Context) <-chan struct{} { return nil }

func (k *keeper) Scan(ctx context.Context, submit ticket.Submit) (ticket.Pass, error) {
	k.shelf.mu.Lock()
	defer k.shelf.mu.Unlock()
	var pass ticket.Pass
	if k.shelf.away && k.bug != "takes gone for empty" {
		return pass, ticket.ErrGone
	}
	if k.bug == "hears no cancel" {
		ctx = context.WithoutCancel(ctx)
	}
	var errs []error
	for name := range k.shelf.items {
		errs = append(errs, k.take(ctx, submit, name, &pass))
	}
	if err := errors.Join(errs...); err != nil && k.bug != "swallows errors" {
		return pass, fmt.Errorf("shelf: %w", err)
	}
	return pass, k.close(ctx)
}

// take delivers one item and lets go of it.
func (k *keeper) take(ctx context.Context, submit ticket.Submit, name string, pass *ticket.Pass) error {
	if k.shelf.away {
		return nil
	}
	known, err := k.ledger.Recorded(ctx, k.Name(), []string{name})
	if err != nil {
		return err
	}
	if e, ok := known[name]; ok && e.Outcome == ticket.Ignored && k.bug != "loops on junk" {
		return nil
	}
	d := k.read(name)
	if k.bug == "lets go first" {
		delete(k.shelf.items, name)
	}
	receipts, err := submit(ctx, []ticket.Delivery{d})
	if err != nil {
		return err
	}
	switch receipts[0].Outcome {
	case ticket.Queued:
		pass.Queued++
	case ticket.Repeated:
		pass.Repeated++
	}
	if receipts[0].Outcome != ticket.Ignored && k.bug != "never lets go" {
		delete(k.shelf.items, name)
	}
	if k.bug == "forgets the ledger" {
		return nil
	}
	return k.ledger.LetGo(ctx, k.Name(), []string{d.Item})
}

func (k *keeper) read(name string) ticket.Delivery {
	k.shelf.reads++
	b := k.shelf.items[name]
	d := ticket.Delivery{Source: k.Name(), Item: name, Received: time.Now()}
	if k.bug == "names items anew" {
		d.Item = fmt.Sprint(name, k.shelf.reads)
	}
	if strings.Contains(string(b), "UPLOADINFO") {
		d.Invitations = []invitation.Invitation{{Key: sha256.Sum256(b), File: b}}
	}
	return d
}

// close notes what had left the shelf already when the program died.
func (k *keeper) close(ctx context.Context) error {
	held, err := k.ledger.Held(ctx, k.Name(), 100)
	if err != nil || k.bug == "forgets the ledger" {
		return err
	}
	for _, e := range held {
		if _, there := k.shelf.items[e.Item]; !there {
			err = errors.Join(err, k.ledger.LetGo(ctx, k.Name(), []string{e.Item}))
		}
	}
	return err
}

// over is the harness of a shelf.
func over(s *shelf, bug string) sourcetest.Harness {
	locked := func(f func()) func(*testing.T) {
		return func(*testing.T) { s.mu.Lock(); defer s.mu.Unlock(); f() }
	}
	return sourcetest.Harness{
		Open: func(_ *testing.T, l ticket.Ledger) ticket.Source { return &keeper{s, l, bug} },
		Deliver: func(_ *testing.T, name string, file []byte) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.items[name] = file
		},
		Remaining: func(*testing.T) int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.items) },
		Break:     locked(func() { s.away = true }),
		Mend:      locked(func() { s.away = false }),
		Reads:     func() int { s.mu.Lock(); defer s.mu.Unlock(); return s.reads },
	}
}
