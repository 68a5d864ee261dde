package web_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/ticket"
	"inviter/web"
)

func TestRepeatedRequestGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, grace := h.hire("ada", ticket.RoleTechnician), h.hire("grace", ticket.RoleTechnician)
	for range 3 {
		h.arrives()
	}
	first := h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a")
	first.ok(t, 200)
	h.clock.pass(time.Minute)
	again := h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a")
	if again.text != first.text || again.StatusCode != 200 || again.Header.Get("Content-Type") != "application/json" {
		t.Errorf("again: %d %s\nfirst: %s", again.StatusCode, again.text, first.text)
	}
	if j := h.call(grace, "POST", "/api/v1/claims", "", "Idempotency-Key", "a").ok(t, 200); j["id"] != 2.0 {
		t.Errorf("another account's key: %v", j["id"])
	}
	if j := h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "b").ok(t, 200); j["id"] != 3.0 {
		t.Errorf("another key: %v", j["id"])
	}

	// What was done since doesn't change the answer, nor does a refusal become a success.
	h.call(ada, "POST", "/api/v1/tickets/1/release", `{"claim":1,"reason":"other"}`, "Idempotency-Key", "c").ok(t, 200)
	h.call(ada, "POST", "/api/v1/tickets/1/claim", "").ok(t, 200)
	if j := h.call(ada, "POST", "/api/v1/tickets/1/release", `{"claim":1,"reason":"other"}`, "Idempotency-Key", "c").ok(t, 200); j["state"] != "waiting" {
		t.Errorf("the release again: %v", j["state"])
	}
	h.call(ada, "POST", "/api/v1/tickets/2/claim", "", "Idempotency-Key", "d").refused(t, 409, "taken")
	h.call(grace, "POST", "/api/v1/tickets/2/release", `{"claim":1,"reason":"other"}`).ok(t, 200)
	h.call(ada, "POST", "/api/v1/tickets/2/claim", "", "Idempotency-Key", "d").refused(t, 409, "taken")
	h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "e").ok(t, 200)
	h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "f").empty(t, 204)
	h.arrives()
	h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "f").empty(t, 204)

	h.clock.pass(24 * time.Hour)
	h.arrives()
	if j := h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a").ok(t, 200); j["id"] != 5.0 {
		t.Errorf("after a day: %v", j["id"])
	}
}

func TestKeyOfAnotherRequestIsRefused(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada := h.hire("ada", ticket.RoleTechnician)
	h.arrives()
	h.arrives()
	h.call(ada, "POST", "/api/v1/tickets/1/claim", "", "Idempotency-Key", "a").ok(t, 200)
	h.call(ada, "POST", "/api/v1/tickets/2/claim", "", "Idempotency-Key", "a").refused(t, 400, "bad-request")
	h.call(ada, "POST", "/api/v1/tickets/1/claim", `{"claim":1}`, "Idempotency-Key", "a").refused(t, 400, "bad-request")
	for _, key := range []string{strings.Repeat("x", 256), "\u00fc"} {
		h.call(ada, "POST", "/api/v1/tickets/1/claim", "", "Idempotency-Key", key).refused(t, 400, "bad-request")
	}
}

func TestFileIsNeverStoredAsAnAnswer(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada := h.hire("ada", ticket.RoleTechnician)
	one := h.arrives()
	h.call(ada, "POST", "/api/v1/tickets/1/claim", "").ok(t, 200)
	for range 2 {
		if a := h.call(ada, "POST", "/api/v1/tickets/1/invitation", `{"claim":1}`, "Idempotency-Key", "f"); a.StatusCode != 200 {
			t.Fatalf("%d %s", a.StatusCode, a.text)
		}
	}
	fetched := 0
	events, err := h.History(t.Context(), one.ID)
	check(t, err)
	for _, e := range events {
		if e.Kind == ticket.EventFetched {
			fetched++
		}
	}
	if fetched != 2 {
		t.Errorf("fetched %d times in the log", fetched)
	}
	h.call(ada, "POST", "/api/v1/tickets/1/renew", `{"claim":1}`, "Idempotency-Key", "f").ok(t, 200) // nothing was kept under it
}

func TestSameFormWithANewBoundaryIsTheSameRequest(t *testing.T) {
	t.Parallel()
	h := build(t)
	token := h.intake()
	send := func(seed int64) answer {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		part, err := m.CreateFormFile("file", "a.msrcIncident")
		check(t, err)
		_, _ = part.Write([]byte(h.invitation(seed)))
		check(t, m.Close())
		return h.call(token, "POST", "/api/v1/tickets", b.String(), "Content-Type", m.FormDataContentType(), "Idempotency-Key", "up")
	}
	first, again := send(1), send(1)
	if first.ok(t, 201)["id"] != 1.0 || again.text != first.text || again.Header.Get("Location") != "/api/v1/tickets/1" || again.StatusCode != 201 {
		t.Errorf("%d %s, %v", again.StatusCode, again.text, again.Header)
	}
	send(2).refused(t, 400, "bad-request") // never silently dropped
}

// slow holds the first claim up until it is let go.
type slow struct {
	web.Queue
	come, leave chan struct{}
}

func (s slow) ClaimNext(ctx context.Context, by ticket.Technician) (ticket.Ticket, bool, error) {
	s.come <- struct{}{}
	<-s.leave
	return s.Queue.ClaimNext(ctx, by)
}

func TestConcurrentRepeatsWaitForTheFirst(t *testing.T) {
	t.Parallel()
	q := slow{come: make(chan struct{}, 10), leave: make(chan struct{})}
	h := build(t, func(o *web.Options) { q.Queue = o.Queue; o.Queue = q })
	ada := h.hire("ada", ticket.RoleTechnician)
	for range 5 {
		h.arrives()
	}
	texts := make([]string, 5)
	var all sync.WaitGroup
	for i := range texts {
		all.Go(func() { texts[i] = h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a").text })
	}
	<-q.come
	close(q.leave)
	all.Wait()
	for _, text := range texts {
		if text != texts[0] || !strings.Contains(text, `"id":1,`) {
			t.Errorf("%s", text)
		}
	}
	if len(q.come) != 0 {
		t.Errorf("%d more were carried out", len(q.come))
	}
}

// forgetful loses the answer, as a program does that ends too soon.
type forgetful struct{ web.Answers }

func (f forgetful) Keep(ctx context.Context, o web.Once, a web.Answered) (web.Answered, error) {
	gone, cancel := context.WithCancel(ctx)
	cancel()
	return f.Answers.Keep(gone, o, a)
}

func TestAnswerLostWithTheProgram(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Answers = forgetful{o.Answers} })
	ada := h.hire("ada", ticket.RoleTechnician)
	h.arrives()
	h.arrives()
	h.call(ada, "POST", "/api/v1/tickets/1/renew", `{"claim":1}`, "Idempotency-Key", "no").refused(t, 500, "fault") // nobody would remember the refusal
	for range 2 {
		if j := h.call(ada, "POST", "/api/v1/claims", "", "Idempotency-Key", "a").ok(t, 200); j["id"] != 1.0 || j["state"] != "claimed" {
			t.Errorf("%v %v", j["id"], j["state"])
		}
	}
	if got, err := h.Ticket(t.Context(), 2); err != nil || got.State != ticket.Waiting {
		t.Errorf("a second one was claimed: %v, %v", got.State, err)
	}
}
