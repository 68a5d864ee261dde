package watch

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"inviter/ticket"
)

// latePeriods without a complete pass make a source late.
const latePeriods = 3

// recall takes up the state that an earlier watcher left.
func (s *watched) recall(ctx context.Context) {
	s.began, s.mine = s.o.Clock(), true
	all, err := s.o.States.Sources(ctx)
	if err != nil {
		s.log.Error("source state not read", "error", err)
		return
	}
	for _, state := range all {
		if state.Name == s.state.Name {
			s.state = state
			s.state.Period = s.source.Poll.Period()
			if state.State == ticket.SourceLate {
				s.state.State = ticket.SourceOK // nobody was watching: no fault of the source
			}
		}
	}
}

// judge turns what a pass brought into the source's state.
func (s *watched) judge(ctx context.Context, did outcome) {
	now := s.o.Clock()
	if did.err == nil {
		s.well(now)
	} else {
		s.unwell(did.err, now)
	}
	s.keep(ctx, did)
}

func (s *watched) well(now time.Time) {
	s.trying.succeeded(now)
	if s.state.State != ticket.SourceOK && s.state.State != "" {
		s.log.Info("source recovered", "was", s.state.State, "for", now.Sub(s.state.Since).Round(time.Second).String())
	}
	s.enter(ticket.SourceOK, now)
	s.state.LastSuccess = now
	s.state.LastError = s.warning()
	s.state.NextTry = s.source.Poll.Next(now)
}

func (s *watched) unwell(err error, now time.Time) {
	state, event := ticket.SourceFailing, "source failing"
	if errors.Is(err, ticket.ErrGone) {
		state, event = ticket.SourceGone, "source gone"
	}
	words := s.words(err)
	s.state.NextTry = now.Add(s.trying.failed(err, s.state.Period, now))
	if state != s.state.State || words != s.state.LastError {
		s.complain(event, words, err)
	}
	s.enter(state, now)
	s.state.LastError = words
}

// complain says once what is wrong; what only an administrator can mend, loudly.
func (s *watched) complain(event, words string, err error) {
	level := slog.LevelWarn
	said := []slog.Attr{slog.String("error", words), slog.Time("next_try", s.state.NextTry)}
	if s.trying.slow {
		level = slog.LevelError
	}
	var fault *panicked
	if errors.As(err, &fault) {
		level = slog.LevelError
		said = append(said, slog.String("stack", fault.stack))
	}
	s.log.LogAttrs(context.Background(), level, event, said...)
}

// late notes that a pass is still running though it should long have ended.
func (s *watched) late(ctx context.Context) {
	now := s.o.Clock()
	if s.state.State == ticket.SourceFailing || s.state.State == ticket.SourceGone {
		return
	}
	s.log.Warn("source late", "last_success", s.state.LastSuccess)
	s.enter(ticket.SourceLate, now)
	s.save(ctx)
}

// lateIn is how long from now the source becomes late. The time before this
// watcher began doesn't count.
func (s *watched) lateIn() time.Duration {
	since := s.began
	if s.state.LastSuccess.After(since) {
		since = s.state.LastSuccess
	}
	return since.Add(latePeriods * s.state.Period).Sub(s.o.Clock())
}

func (s *watched) enter(state string, now time.Time) {
	if s.state.State != state {
		s.state.State, s.state.Since = state, now
	}
}

// keep adds a pass to the counts and saves the state.
func (s *watched) keep(ctx context.Context, did outcome) {
	total := &s.state.Total
	total.Seen += did.pass.Seen
	total.Queued += did.pass.Queued
	total.Repeated += did.pass.Repeated
	total.Refused += did.pass.Refused
	total.Ignored += did.pass.Ignored
	total.Pending = did.pass.Pending
	if did.pass.Queued+did.pass.Repeated+did.pass.Refused > 0 {
		s.log.Info("scanned", "seen", did.pass.Seen, "queued", did.pass.Queued, "repeated", did.pass.Repeated,
			"refused", did.pass.Refused, "pending", did.pass.Pending)
	}
	s.save(ctx)
}

// save writes the state for everybody to see. A fault here is one for the log;
// the next pass tries again.
func (s *watched) save(ctx context.Context) {
	s.state.Mode = s.mode()
	if !s.mine || s.oldNews() && !s.awaited {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
	defer cancel()
	if err := s.o.States.SetSource(ctx, s.state); err != nil {
		s.log.Error("source state not saved", "error", err)
		return
	}
	s.saved, s.savedAt, s.awaited = s.state, s.o.Clock(), false
}

// oldNews tells whether a source is well as before and nothing arrived. That
// need not be written each time: hints can bring many passes a second, and each
// write costs the disk a sync.
func (s *watched) oldNews() bool {
	now := s.state
	now.LastSuccess, now.NextTry = s.saved.LastSuccess, s.saved.NextTry
	now.Total.Seen, now.Total.Ignored = s.saved.Total.Seen, s.saved.Total.Ignored
	return now == s.saved && now.State == ticket.SourceOK && s.o.Clock().Sub(s.savedAt) < s.state.Period/2
}

// mode is how the source is being watched, where it can tell.
func (s *watched) mode() string {
	if m, ok := s.source.Source.(interface{ Mode() string }); ok {
		return m.Mode()
	}
	return "polling"
}

// warning is what works less well than it should though the source is well.
func (s *watched) warning() string {
	if w, ok := s.source.Source.(interface{ Warning() string }); ok {
		return plain(w.Warning())
	}
	return ""
}

// words is an error as people read it beside the source's name.
func (s *watched) words(err error) string {
	return plain(strings.TrimPrefix(err.Error(), s.source.Name()+": "))
}

// plain is a line for people: bounded, and without control characters.
func plain(words string) string {
	words = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, words)
	if r := []rune(words); len(r) > 500 {
		words = string(r[:500]) + "…"
	}
	return strings.TrimSpace(words)
}
