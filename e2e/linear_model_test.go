package e2e_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// said is one verb of one caller on one ticket.
type said struct {
	Ticket int64  `json:"ticket"`
	Verb   string `json:"verb"`
	By     string `json:"by"`
	Lead   bool   `json:"lead"`
	Claim  int    `json:"claim"` // the number that the caller believes in
	To     string `json:"to"`
	// Whether the ticket was, for certain, not yet or already past its expiry
	// when the verb took effect; neither where it may have been both.
	before, past bool
}

// heard is what a caller was answered.
type heard struct {
	Code   string `json:"code"` // "ok", a refusal's code, or lost
	State  string `json:"state"`
	Number int    `json:"number"`
	Holder string `json:"holder"`
	// again marks an answer that came only when asked again, with the same
	// Idempotency-Key: what was done was done once, but this may tell of later.
	again bool
}

// lost is the code of an answer that never came: the verb took effect or not.
const lost = "lost"

// seat is a ticket as the model knows it.
type seat struct {
	state  string
	number int
	holder string
}

// model is the queue's rules for one ticket, written down once more and shorter:
// a history is right if its verbs can be put in an order, each between its call
// and its answer, in which one after another they get these answers.
func model() porcupine.Model {
	m := porcupine.NondeterministicModel{
		Init: func() []any { return []any{seat{state: "waiting"}} },
		Step: func(state, input, output any) []any { return steps(state.(seat), input.(said), output.(heard)) },
		Partition: func(all []porcupine.Operation) [][]porcupine.Operation {
			return byTicket(all)
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v -> %+v", in, out) },
	}
	return m.ToModel()
}

func byTicket(all []porcupine.Operation) [][]porcupine.Operation {
	of := map[int64][]porcupine.Operation{}
	var order []int64
	for _, o := range all {
		id := o.Input.(said).Ticket
		if of[id] == nil {
			order = append(order, id)
		}
		of[id] = append(of[id], o)
	}
	var out [][]porcupine.Operation
	for _, id := range order {
		out = append(out, of[id])
	}
	return out
}

// steps are all states that the ticket may be in after a verb with this answer.
func steps(s seat, in said, out heard) []any {
	var after []any
	add := func(s seat) {
		if !slices.Contains(after, any(s)) {
			after = append(after, s)
		}
	}
	if out.Code == lost {
		add(s)
	}
	for _, past := range []bool{false, true} {
		if past && in.before || !past && in.past {
			continue
		}
		next, want := apply(s, in, past)
		if out.Code == lost || fits(want, out) {
			add(next)
		}
	}
	return after
}

func fits(want, got heard) bool {
	if want.Code != got.Code {
		return false
	}
	if got.again || got.Code == "ok" && got.State == "" { // the file: it tells no more
		return true
	}
	return want.Holder == got.Holder && (got.Code != "ok" || want.State == got.State && want.Number == got.Number)
}

// apply is one verb, before or past the ticket's expiry.
//
// A reader goes by his own clock: he is told that what waits has expired, a
// moment before a claim that was decided in time is committed. Verbs are
// decided one after another, so for them expired is for good.
func apply(s seat, in said, past bool) (seat, heard) {
	stored := s
	if past && s.state == "waiting" {
		s.state = "expired"
	}
	no := func(code, holder string) (seat, heard) { return s, heard{Code: code, Holder: holder} }
	held := s.state == "claimed" && s.number == in.Claim && s.holder == in.By
	ended := s.state != "waiting" && s.state != "claimed"
	next := s
	switch {
	case in.Verb == "read":
		told := heard{Code: "ok", State: s.state, Holder: s.holder}
		if s.state == "claimed" {
			told.Number = s.number
		}
		return stored, told
	case ended:
		return no(s.state, "")
	case in.Verb == "claim" && s.state == "claimed":
		if s.holder != in.By {
			return no("taken", s.holder)
		}
	case in.Verb == "claim":
		next = seat{"claimed", s.number + 1, in.By}
	case in.Verb == "withdraw":
		next = seat{"withdrawn", s.number, ""}
	case in.Verb == "close" && in.Lead && s.number == in.Claim && s.state == "claimed":
		next = seat{"closed", s.number, ""}
	case in.Verb == "take-over" && s.state != "claimed":
		return no("not-claimed", "")
	case in.Verb == "take-over" && s.holder == in.By:
	case in.Verb == "take-over" && !in.Lead:
		return no("lease-alive", s.holder)
	case in.Verb == "take-over" && past, in.Verb == "transfer" && held && past && in.To != in.By:
		return no("expired", "")
	case in.Verb == "take-over":
		next = seat{"claimed", s.number + 1, in.By}
	case !held:
		return no("not-holder", s.holder)
	case in.Verb == "transfer" && in.To != in.By:
		next = seat{"claimed", s.number + 1, in.To}
	case in.Verb == "release" && past:
		next = seat{"expired", s.number, ""}
	case in.Verb == "release":
		next = seat{"waiting", s.number, ""}
	case in.Verb == "close":
		next = seat{"closed", s.number, ""}
	}
	told := heard{Code: "ok", State: next.state, Holder: next.holder}
	if next.state == "claimed" {
		told.Number = next.number
	}
	return next, told
}

// judgeHistory tells whether a history is right, ticket by ticket.
func judgeHistory(history []porcupine.Operation) (wrong [][]porcupine.Operation, unknown int) {
	one := model()
	one.Partition = nil
	for _, part := range byTicket(history) {
		switch porcupine.CheckOperationsTimeout(one, part, time.Minute) {
		case porcupine.Illegal:
			wrong = append(wrong, part)
		case porcupine.Unknown:
			unknown++
		}
	}
	return wrong, unknown
}
