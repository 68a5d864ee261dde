package web_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"inviter/ticket"
	"inviter/web"
)

// second is another server of the same helpdesk.
func (h *house) second(change func(*web.Options)) *house {
	h.t.Helper()
	o := h.options()
	change(&o)
	site, err := web.New(o)
	check(h.t, err)
	other := *h
	other.site, other.server = site, httptest.NewServer(site)
	h.t.Cleanup(other.server.Close)
	return &other
}

// sent is what several requests with one key were answered, each at a server.
func sent(token, method string, at ...*house) []answer {
	out := make([]answer, len(at))
	var all sync.WaitGroup
	for i, h := range at {
		all.Go(func() { out[i] = h.call(token, "POST", method, "", "Idempotency-Key", "a") })
	}
	all.Wait()
	return out
}

// The same request at two servers at the same moment: both are past the look
// for an answer before either has done anything.
func TestSameRequestAtTwoServersIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	for range 5 {
		come, leave := make(chan struct{}, 10), make(chan struct{})
		gate := func(o *web.Options) { o.Queue = slow{o.Queue, come, leave} }
		h := build(t, gate)
		other := h.second(gate)
		ada := h.hire("ada", ticket.RoleTechnician)
		for range 5 {
			h.arrives()
		}
		go func() {
			<-come
			<-come
			close(leave)
		}()
		got := sent(ada, "/api/v1/claims", h, other)
		for _, a := range got {
			if a.StatusCode != 200 || a.text != got[0].text {
				t.Errorf("%d %s\nand %s", a.StatusCode, a.text, got[0].text)
			}
		}
		if again := other.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a"); again.text != got[0].text {
			t.Errorf("later: %s\nfirst: %s", again.text, got[0].text)
		}
		claimed := 0
		for id := range ticket.ID(5) {
			if got, err := h.Ticket(t.Context(), id+1); err != nil || got.State == ticket.Claimed {
				claimed++
			}
		}
		if claimed != 1 {
			t.Errorf("%d were claimed", claimed)
		}
	}
}

// tardy keeps its answer only when it is told to.
type tardy struct {
	web.Answers
	done, keep chan struct{}
}

func (a tardy) Keep(ctx context.Context, o web.Once, say web.Answered) (web.Answered, error) {
	a.done <- struct{}{}
	<-a.keep
	return a.Answers.Keep(ctx, o, say)
}

// The second server comes while the first has claimed and not yet stored its
// answer: it waits for that.
func TestSecondServerWaitsForTheFirstAnswer(t *testing.T) {
	t.Parallel()
	done, keep := make(chan struct{}, 1), make(chan struct{})
	h := build(t, func(o *web.Options) { o.Answers = tardy{o.Answers, done, keep} })
	look := make(chan struct{}, 100)
	other := h.second(func(o *web.Options) { o.Answers = looking{o.Answers, look} })
	ada := h.hire("ada", ticket.RoleTechnician)
	h.arrives()
	h.arrives()
	first := make(chan answer)
	go func() { first <- h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a") }()
	<-done
	second := make(chan answer)
	go func() { second <- other.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a") }()
	<-look
	<-look // it looks again
	h.clock.pass(1)
	close(keep)
	if a, b := <-first, <-second; a.StatusCode != 200 || a.text != b.text {
		t.Errorf("%d %s\n%d %s", a.StatusCode, a.text, b.StatusCode, b.text)
	}
}

// looking tells when an answer is looked for.
type looking struct {
	web.Answers
	look chan struct{}
}

func (a looking) Asked(ctx context.Context, o web.Once) (web.Answered, bool, error) {
	select {
	case a.look <- struct{}{}:
	default:
	}
	return a.Answers.Asked(ctx, o)
}

// A server that found nothing to claim must not put its answer in the place of
// the other's, which did.
func TestIdleAnswerGivesWayToTheOther(t *testing.T) {
	t.Parallel()
	done, keep := make(chan struct{}, 1), make(chan struct{})
	h := build(t, func(o *web.Options) { o.Answers = tardy{o.Answers, done, keep} })
	other := h.second(func(*web.Options) {})
	ada := h.hire("ada", ticket.RoleTechnician)
	first := make(chan answer)
	go func() { first <- h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a") }()
	<-done // it found nothing
	h.arrives()
	second := other.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a")
	close(keep)
	if a := <-first; second.StatusCode != 200 || a.text != second.text {
		t.Errorf("%d %s\n%d %s", a.StatusCode, a.text, second.StatusCode, second.text)
	}
}

// An answer that never comes, for its server died: the ticket as it is now
// stands for it, for all who ask from then on.
func TestAnswerThatNeverComesIsReplacedForAll(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Answers = forgetful{o.Answers} })
	other := h.second(func(*web.Options) {})
	ada := h.hire("ada", ticket.RoleTechnician)
	h.arrives()
	h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a").ok(t, 200)
	second := other.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a")
	second.ok(t, 200)
	h.call(ada, "POST", "/api/v1/tickets/1/release", `{"claim":1,"reason":"other"}`).ok(t, 200)
	if third := other.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a"); third.text != second.text || !strings.Contains(third.text, `"claimed"`) {
		t.Errorf("%s\nthen %s", second.text, third.text)
	}
}
