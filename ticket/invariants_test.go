package ticket_test

import (
	"fmt"
	"slices"

	"inviter/ticket"
)

// checkState holds in every reachable state (DESIGN.md section 3).
func checkState(w world) error {
	open := map[ticket.State]int{}
	for i, t := range w.t {
		if t == nil {
			continue
		}
		open[t.State]++
		if (t.Claim != nil) != (t.State == ticket.Claimed) {
			return fmt.Errorf("%d: holder set and claimed must go together", i)
		}
		if t.Claim != nil && t.Claim.Number != t.Claims {
			return fmt.Errorf("%d: the present claim must be the last one given", i)
		}
		if t.Reserved != nil && !reservedFor(w.t[1-i], t.Reserved.Holder) {
			return fmt.Errorf("%d: first refusal for somebody who holds nothing", i)
		}
		if t.Has(ticket.WithHolder) != (t.Reserved != nil) {
			return fmt.Errorf("%d: flag with-holder and first refusal must go together", i)
		}
		if (t.State == ticket.Superseded) != (t.SupersededBy != 0) {
			return fmt.Errorf("%d: superseded by nothing", i)
		}
	}
	if open[ticket.Waiting] > 1 {
		return fmt.Errorf("two waiting tickets of one user")
	}
	if open[ticket.Claimed] > 1 {
		return fmt.Errorf("two claimed tickets of one user")
	}
	return endsAlone(w)
}

func reservedFor(other *ticket.Ticket, holder string) bool {
	return other != nil && other.Claim != nil && other.Claim.Holder == holder
}

// endsAlone: with everybody gone for ever, every ticket still ends.
func endsAlone(w world) error {
	w = w.clone()
	w.now = lastMinute + 5
	for i := range w.t {
		if w.t[i] == nil {
			continue
		}
		w.of(i).Tick()
		if !w.t[i].State.Ended() {
			return fmt.Errorf("%d: stays %s for ever", i, w.t[i].State)
		}
	}
	return nil
}

// step is one verb said in one state, and what came of it.
type step struct {
	was, is world
	verb    verb
	refused error
	alone   [2]key // what the clock alone would have made of it
}

// checkStep holds for every step from one state to the next.
func checkStep(s step) error {
	for i, old := range s.was.t {
		if old == nil {
			continue
		}
		now := s.is.t[i]
		if old.State.Ended() && !same(old, now) {
			return fmt.Errorf("%d: was %s and changed", i, old.State)
		}
		if now.Claims < old.Claims {
			return fmt.Errorf("%d: claim number fell", i)
		}
		if now.Claims > old.Claims && s.is.now >= i+lifetime {
			return fmt.Errorf("%d: claimed at or after expiry", i)
		}
		if changedHands(old, now) && now.Claims == old.Claims {
			return fmt.Errorf("%d: changed hands under the same claim number", i)
		}
		if now.WaitingSince.After(old.WaitingSince) {
			return fmt.Errorf("%d: lost its place in line", i)
		}
	}
	return checkAnswer(s)
}

// same compares what an ended ticket holds; pointers and lists are gone by then.
func same(a, b *ticket.Ticket) bool {
	return a.State == b.State && a.Claims == b.Claims && a.Claim == nil && b.Claim == nil && b.Reserved == nil &&
		a.SupersededBy == b.SupersededBy && a.Outcome == b.Outcome && a.EndedAt.Equal(b.EndedAt) && slices.Equal(a.Flags, b.Flags)
}

func changedHands(old, now *ticket.Ticket) bool {
	return old.Claim != nil && now.Claim != nil && old.Claim.Holder != now.Claim.Holder
}

// checkAnswer: a refusal does no more than the clock does, and nobody gets
// through the fence with an outdated number or another's claim.
func checkAnswer(s step) error {
	v := s.verb
	if s.refused != nil {
		if refusal(s.refused) == nil {
			return fmt.Errorf("not a refusal: %w", s.refused)
		}
		if s.alone[v.on] != s.is.key() {
			return fmt.Errorf("refused with %w, and yet changed to %+v", s.refused, s.is.key())
		}
		return nil
	}
	if v.number == 0 {
		return nil
	}
	held := s.was.t[v.on].Claim
	lead := v.by == grace.Name && v.name == "close"
	if held == nil || held.Number != v.number || (held.Holder != v.by && !lead) {
		return fmt.Errorf("got through the fence")
	}
	return nil
}
