package notify_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"inviter/notify"
	"inviter/ticket"
)

func TestAnswersGoOut(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHouse(t, mailing())
	id := h.arrives("jane")
	h.sending(h.options(notify.Relay{Host: s.addr, StartTLS: "never"}), func() bool { return s.taken() == 1 && h.outbox().Pending == 0 })
	m := parsed(t, s.took[0])
	status, err := h.queue.Status(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(s.took[0]), status.Secret) || s.to[0] != "jane@example.org" || m.Header.Get("In-Reply-To") != "<asked@pc.example.org>" {
		t.Errorf("%s", s.took[0])
	}
	if _, err := h.queue.Claim(t.Context(), id, ticket.Technician{Name: "grace.hopper", Role: ticket.RoleTechnician}); err != nil {
		t.Fatal(err)
	}
	h.sending(h.options(notify.Relay{Host: s.addr, StartTLS: "never"}), func() bool { return s.taken() == 2 })
	if got := string(s.took[1]); !strings.Contains(got, "Grace is on the way") || !strings.Contains(got, status.Words) || strings.Contains(got, "hopper") {
		t.Errorf("%s", got)
	}
}

// TestNeverTwoDifferentAnswers: whatever happens on the way, what a user gets
// twice is the same mail, under the same Message-ID.
func TestNeverTwoDifferentAnswers(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHouse(t, mailing())
	s.onTo = []error{&smtp.SMTPError{Code: 451, Message: "greylisted"}}
	s.onEnd = []error{errCut, errCut}
	id := h.arrives("jane")
	o := h.options(notify.Relay{Host: s.addr, StartTLS: "never"})
	for n := 1; n <= 2; n++ { // each start tries at once
		h.sending(o, func() bool { return s.taken() >= n })
	}
	h.arrives("joe") // the line changes; what was said stays
	h.sending(o, func() bool { return s.taken() >= 4 })
	to := map[string][][]byte{}
	for _, b := range s.took {
		whom := parsed(t, b).Header.Get("To")
		to[whom] = append(to[whom], b)
	}
	jane := to["<jane@example.org>"]
	if len(jane) != 3 || !bytes.Equal(jane[0], jane[1]) || !bytes.Equal(jane[1], jane[2]) {
		t.Errorf("%d answers about %d", len(jane), id)
	}
}

func TestOneSendsAtATime(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHouse(t, mailing())
	for _, user := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
		h.arrives(user)
	}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 4 {
		sender, err := notify.New(h.options(notify.Relay{Host: s.addr, StartTLS: "never"}))
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() { sender.Run(ctx) })
	}
	until(t, func() bool { return h.outbox().Pending == 0 })
	stop()
	all.Wait()
	if n := s.taken(); n != 12 {
		t.Errorf("%d mails of 12", n)
	}
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var bodies [][]byte
	var heads []http.Header
	fail := true
	chat := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		bodies, heads = append(bodies, b), append(heads, r.Header)
		if fail {
			fail = false
			http.Error(w, "later", http.StatusBadGateway)
		}
	}))
	defer chat.Close()
	h := newHouse(t, ticket.Outgoing{Hooks: []ticket.Hook{{Name: "chat", Kinds: ticket.HookKinds()}}})
	h.arrives("jane")
	o := h.options(nil)
	o.Hooks = map[string]notify.Hook{"chat": {URL: chat.URL, Secret: func() (string, error) { return "s3cret", nil }}}
	o.Watch = []string{"share:support"}
	got := func() int { mu.Lock(); defer mu.Unlock(); return len(bodies) }
	h.sending(o, func() bool { return got() >= 1 })
	h.sending(o, func() bool { return got() >= 2 && h.outbox().Pending == 0 })
	mac := hmac.New(sha256.New, []byte("s3cret"))
	mac.Write(bodies[1])
	if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); heads[1].Get("X-Inviter-Signature") != want {
		t.Errorf("signature %q, want %q", heads[1].Get("X-Inviter-Signature"), want)
	}
	if !bytes.Equal(bodies[0], bodies[1]) || heads[0].Get("X-Inviter-Delivery") != heads[1].Get("X-Inviter-Delivery") || heads[0].Get("X-Inviter-Delivery") == "" {
		t.Errorf("the second try differs:\n%s\n%s", bodies[0], bodies[1])
	}
	var c struct {
		Text, Event string
		Ticket      struct {
			ID  int64
			URL string
		}
	}
	if err := json.Unmarshal(bodies[1], &c); err != nil || c.Event != "queued" || c.Ticket.ID != 1 || c.Ticket.URL != "https://help.example.org/tickets/1" ||
		!strings.HasPrefix(c.Text, "jane waits for help until ") || strings.Contains(string(bodies[1]), "asked@pc") {
		t.Errorf("%s %v", bodies[1], err)
	}
	if err := h.queue.SetSource(t.Context(), ticket.SourceState{Name: "share:support", State: ticket.SourceFailing, LastError: "not mounted"}); err != nil {
		t.Fatal(err)
	}
	h.sending(o, func() bool { return got() >= 3 })
	if !strings.Contains(string(bodies[2]), "not mounted") || !strings.Contains(string(bodies[2]), `"event":"source-down"`) {
		t.Errorf("%s", bodies[2])
	}
}

// TestWebhookErrorsKeepTheAddress: the address is often the key to the room.
func TestWebhookErrorsKeepTheAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t, ticket.Outgoing{Hooks: []ticket.Hook{{Name: "chat", Kinds: ticket.HookKinds()}, {Name: "gone", Kinds: ticket.HookKinds()}}})
	h.arrives("jane")
	o := h.options(nil)
	o.Hooks = map[string]notify.Hook{"chat": {URL: "http://127.0.0.1:1/key-to-the-room"}}
	h.sending(o, func() bool { s := h.outbox(); return s.Lost == 1 && s.LastError != "" })
	h.sending(o, func() bool { return h.outbox().Trying == 1 })
	if s := h.outbox(); strings.Contains(s.LastError, "key-to-the-room") || s.Pending != 1 {
		t.Errorf("%+v", s)
	}
}

func TestMailsWithoutAServerAreGivenUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, mailing())
	h.arrives("jane")
	o := h.options(nil)
	busy := 2
	o.Alone = func(ctx context.Context) (context.Context, func(), error) {
		if busy--; busy > 0 {
			return nil, nil, errors.New("another has it")
		}
		return h.db.Hold(ctx, "outbox")
	}
	h.sending(o, func() bool { s := h.outbox(); return s.Pending == 0 && s.Lost == 1 })
}
