package mailbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"inviter/ticket"
)

// Scan takes up all mail that is new since the last one, and lets go of what
// is recorded. It keeps its connection for the next scan if all went well.
func (m *Mailbox) Scan(ctx context.Context, submit ticket.Submit) (ticket.Pass, error) {
	release, err := m.take(ctx)
	if err != nil {
		return ticket.Pass{}, fmt.Errorf("%s: %w", m.Name(), err)
	}
	defer release()
	defer m.ended()
	s := &scan{Mailbox: m, submit: submit, away: mover{Mailbox: m, closed: map[string]closed{}}}
	if err := s.run(ctx); err != nil {
		return s.pass, fmt.Errorf("%s: %w", m.Name(), err)
	}
	return s.pass, nil
}

// ended drops a connection that is no more, and lets those know who wait.
func (m *Mailbox) ended() {
	if m.link != nil && m.link.dead {
		m.drop()
	}
	select {
	case m.scanned <- struct{}{}:
	default:
	}
}

func (m *Mailbox) drop() {
	m.link.close()
	m.link = nil
}

// scan is one pass over the folder.
type scan struct {
	*Mailbox
	submit  ticket.Submit
	pass    ticket.Pass
	mark    mark
	top     uint32   // the highest UID seen
	saved   uint32   // the mark's position as it was saved last
	unsaved int      // mails read since
	held    bool     // a mail was left for a later scan
	listed  []letter // by the first look at a folder, for the one that follows
	again   bool     // the server has to tell what is new before it is looked for
	away    mover
	warned  []string
}

// mostLooks bounds a scan of a folder in which mail never stops to arrive.
const mostLooks = 20

func (s *scan) run(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	s.misled()
	for range mostLooks {
		more, err := s.round(ctx)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := s.refresh(ctx); err != nil {
			return err
		}
	}
	s.pass.Pending += s.away.stayed
	s.warnClosed()
	s.warning.Store(strings.Join(s.warned, "; "))
	return nil
}

// round takes up what is new and lets go of what is recorded. It wants to be
// repeated if it did anything: that takes time, and of what came meanwhile
// nobody may have been told.
func (s *scan) round(ctx context.Context) (more bool, err error) {
	letters, err := s.look(ctx)
	if err != nil {
		return false, err
	}
	if err := s.takeUp(ctx, letters); err != nil {
		return false, err
	}
	moved, err := s.away.letGo(ctx)
	return !s.held && (moved || len(letters) > 0), err
}

// begin sees to a connection with the folder open, and to the mark in it. The
// connection kept since the last scan may have been cut off for its silence:
// that is no trouble yet.
func (s *scan) begin(ctx context.Context) error {
	if s.link != nil {
		if err := s.link.refresh(ctx, s.options.Clock()); err == nil {
			return s.follow(ctx)
		}
		s.drop()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if err := s.reconnect(ctx); err != nil {
		return err
	}
	return s.follow(ctx)
}

// refresh opens the folder anew where that is due, and otherwise leaves it to
// the next look to have the server tell what is new. Should the folder have
// been renumbered, everything starts anew in it.
func (s *scan) refresh(ctx context.Context) error {
	if s.again = !s.link.outdated(s.options.Clock()); s.again {
		return nil
	}
	if err := s.link.refresh(ctx, s.options.Clock()); err != nil {
		return err
	}
	if s.link.folder == s.mark.folder && s.link.validity == s.mark.validity {
		return nil
	}
	return s.follow(ctx)
}

// reconnect replaces the connection, and opens the folder.
func (m *Mailbox) reconnect(ctx context.Context) error {
	if m.link != nil {
		m.drop()
	}
	l, err := m.connect(ctx, true)
	if err != nil {
		return err
	}
	if err := l.refresh(ctx, m.options.Clock()); err != nil {
		l.leave()
		return err
	}
	m.link = l
	return nil
}

// follow reads the mark.
func (s *scan) follow(ctx context.Context) error {
	saved, err := s.ledger.Position(ctx, s.Name())
	if err != nil {
		return fmt.Errorf("position: %w", err)
	}
	old, ok := parseMark(saved)
	if !ok && saved != "" {
		s.log.WarnContext(ctx, "position unreadable", "position", oneLine(saved))
	}
	mark, fresh := old.follow(s.link.folder, s.link.validity, s.options.Clock(), s.options.First)
	s.mark, s.away.mark, s.top, s.saved, s.listed = mark, mark, 0, mark.position, nil
	if !fresh {
		return nil
	}
	return s.settle(ctx, old)
}

// settle notes at the first look at a folder what lay there already. It is
// saved before anything else: a crash must not move the line.
func (s *scan) settle(ctx context.Context, old mark) error {
	letters, err := s.link.look(ctx, 0)
	if err != nil {
		return err
	}
	s.mark.base = 1
	older := 0
	for _, l := range letters {
		s.mark.base = l.uid + 1
	}
	for _, l := range letters {
		if s.mark.leaves(l) {
			older++
		}
	}
	s.log.InfoContext(ctx, "first look", "folder", s.link.folder, "mails", len(letters), "left alone", older,
		"older than", time.Unix(s.mark.since, 0).UTC(), "renumbered", old.folder == s.link.folder)
	s.listed = letters
	return s.advance(ctx)
}

func (s *scan) advance(ctx context.Context) error {
	if err := s.ledger.Advance(ctx, s.Name(), s.mark.String()); err != nil {
		return fmt.Errorf("advance: %w", err)
	}
	s.saved, s.unsaved = s.mark.position, 0
	return nil
}

// look lists what is new, without what is older than First.
func (s *scan) look(ctx context.Context) ([]letter, error) {
	all := s.listed
	if s.listed = nil; all == nil {
		var err error
		list := s.link.look
		if s.again {
			list = s.link.lookAgain
		}
		if all, err = list(ctx, s.mark.position); err != nil {
			return nil, err
		}
	}
	letters := all[:0]
	for _, l := range all {
		s.top = l.uid
		if !s.mark.leaves(l) {
			letters = append(letters, l)
		}
	}
	return letters, nil
}
