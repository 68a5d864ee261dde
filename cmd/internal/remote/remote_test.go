package remote_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/cmd/internal/remote"
)

func open(t *testing.T, serve http.HandlerFunc) *remote.Queue {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	q, err := remote.New(server.URL+"/", "secret")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// A claim whose answer is lost is asked again as the same request, so that the
// server can answer it as it did the first time.
func TestLostAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex // an aborted answer says nothing of what was done before it
	var keys, bodies []string
	q := open(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		keys, bodies = append(keys, r.Header.Get("Idempotency-Key")), append(bodies, string(body))
		if len(keys) < 3 {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, `{"id":7,"state":"claimed"}`)
	})
	got, err := q.Claim(t.Context(), 7)
	if err != nil || got.ID != 7 || got.State != "claimed" {
		t.Fatalf("%+v, %v", got, err)
	}
	mu.Lock()
	if len(keys) != 3 || keys[0] == "" || keys[0] != keys[1] || keys[1] != keys[2] || bodies[0] != bodies[2] {
		t.Errorf("asked under %q with %q", keys, bodies)
	}
	mu.Unlock()
	_, err = q.Claim(t.Context(), 7)
	mu.Lock()
	defer mu.Unlock()
	if err != nil || keys[3] == keys[0] {
		t.Errorf("the next claim reuses the key %q (%v)", keys[3], err)
	}
}

func TestRefusalsAreTheServersWords(t *testing.T) {
	t.Parallel()
	q := open(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"status":409,"code":"taken","title":"Somebody has it","holder":"ada","since":"2026-03-01T10:00:00Z"}`)
	})
	_, err := q.Claim(t.Context(), 7)
	var no *remote.Refusal
	if !errors.As(err, &no) || no.Code != "taken" {
		t.Fatalf("%v", err)
	}
	want := "Somebody has it: ada, since " + remote.Clock(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC))
	if err.Error() != want {
		t.Errorf("says %q, want %q", err, want)
	}
}

func TestTokenGoesToNoOtherServer(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked elsewhere, with %q", r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	q := open(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	if _, err := q.Show(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "elsewhere") {
		t.Errorf("%v", err)
	}
}

func TestListReadsEveryPage(t *testing.T) {
	t.Parallel()
	q := open(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("state") != "waiting,claimed" {
			t.Errorf("asked for %q", r.URL.RawQuery)
		}
		page := `{"tickets":[{"id":1},{"id":2}],"next":"2"}`
		if r.URL.Query().Get("after") == "2" {
			page = `{"tickets":[{"id":3}],"next":null}`
		}
		_, _ = io.WriteString(w, page)
	})
	all, err := q.List(t.Context(), []string{"waiting", "claimed"})
	if err != nil || len(all) != 3 || all[2].ID != 3 || string(all[0].Raw) != `{"id":1}` {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestAddressesAndTokensThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "help", "ftp://help", "http://", "://"} {
		if _, err := remote.New(address, "secret"); err == nil {
			t.Errorf("%q is taken for an address", address)
		}
	}
	if _, err := remote.New("https://help", ""); err == nil {
		t.Error("no token is taken for one")
	}
}
