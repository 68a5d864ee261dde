package share

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
)

// Step is one thing that Check tried: "list", "read" or "write".
type Step struct {
	Name string
	Err  error // nil if it works; else what is wrong and what to do
}

// Check tries what the watcher needs of the share, without touching what
// others put there: list it, read a file in it, and, in mode Take, make and
// remove one. It doesn't wait for a share that hangs longer than ctx and
// Patience allow.
func (s *Share) Check(ctx context.Context) []Step {
	if err := s.await(ctx); err != nil {
		return []Step{{"list", s.fault(err)}}
	}
	done := make(chan []Step, 1)
	hung := make(chan outcome, 1)
	go func() {
		steps := s.check(ctx)
		<-s.turn
		done <- steps
		hung <- outcome{}
	}()
	if _, err := s.attend(ctx, hung); err != nil {
		return []Step{{"list", err}}
	}
	return <-done
}

func (s *Share) check(ctx context.Context) []Step {
	s.pulse.begin()
	t, _, err := s.place.open(ctx, visit{lost: func(error) {}, beat: s.pulse.alive})
	s.pulse.end()
	if err != nil {
		return []Step{{"list", s.fault(err)}}
	}
	t = attended{t, &s.pulse}
	defer t.Close()
	file, err := firstFile(t)
	if err != nil {
		return []Step{{"list", s.fault(away(s.options.Path, err))}}
	}
	steps := []Step{{"list", nil}, {"read", s.fault(s.tryReading(t, file))}}
	if s.options.Mode != Read {
		steps = append(steps, Step{"write", s.fault(s.tryWriting(t))})
	}
	return steps
}

func firstFile(t tree) (string, error) {
	found := ""
	err := t.list(".", func(e entry) bool {
		if l, err := t.stat(e.name); err == nil && l.kind == regular && !ignored(e.name) {
			found = e.name
		}
		return found == ""
	})
	return found, err
}

func (s *Share) tryReading(t tree, file string) error {
	if file == "" {
		return nil
	}
	_, _, err := t.read(file, int64(s.options.Limits.Mail))
	if err != nil && transient(err) && !errors.Is(err, errUnfit) && !errors.Is(err, errChanged) {
		return fmt.Errorf("%s: %w: give the account that runs this read permission", strings.TrimSuffix(s.options.Path, "/")+"/"+shown(file), err)
	}
	return nil
}

func (s *Share) tryWriting(t tree) error {
	name := asidePrefix + "check-" + rand.Text()
	err := t.create(name, []byte("inviter check\r\n"))
	if err == nil {
		err = t.remove(name)
	}
	if err != nil {
		return fmt.Errorf("%s: %w: give the account that runs this write permission, or set mode = \"read\"", s.options.Path, err)
	}
	return nil
}
