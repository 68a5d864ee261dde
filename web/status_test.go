package web_test

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

// status is the path of a ticket's status page.
func (h *house) status(id ticket.ID) string {
	h.t.Helper()
	s, err := h.Status(h.t.Context(), id)
	check(h.t, err)
	return "/t/" + s.Secret
}

func (h *house) is(id ticket.ID, want ticket.State) ticket.Ticket {
	h.t.Helper()
	t, err := h.Ticket(h.t.Context(), id)
	check(h.t, err)
	if t.State != want {
		h.t.Errorf("ticket %d is %s, want %s", id, t.State, want)
	}
	return t
}

// uploads sends a file with a form, as a browser does.
func (h *house) uploads(c *http.Client, path, name string, file []byte) answer {
	h.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	check(h.t, err)
	_, err = part.Write(file)
	check(h.t, err)
	check(h.t, form.Close())
	r, err := http.NewRequest(http.MethodPost, h.server.URL+path, &b)
	check(h.t, err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := c.Do(r)
	check(h.t, err)
	defer resp.Body.Close()
	return answer{Response: resp}
}

var ada = ticket.Technician{Name: "ada.lovelace", Role: ticket.RoleTechnician}

func TestStatusPageSaysWhereOneStands(t *testing.T) {
	t.Parallel()
	h := build(t)
	first := h.arrives()
	h.clock.pass(time.Minute)
	second := h.arrives()
	user := h.browser("", "")
	sees := func(id ticket.ID, words ...string) string {
		t.Helper()
		a := h.get(user, h.status(id))
		if a.StatusCode != http.StatusOK {
			t.Fatalf("%d", a.StatusCode)
		}
		read := strings.NewReplacer("<bdi>", "", "</bdi>", "").Replace(a.text)
		for _, w := range words {
			if !strings.Contains(read, w) {
				t.Errorf("the page of %d lacks %q:\n%s", id, w, a.text)
			}
		}
		return a.text
	}
	given, err := h.Status(t.Context(), second.ID)
	check(t, err)
	if text := sees(second.ID, "You are number 2 in line", "1 person is before you", "Number 2", "Your invitation came by mail"); strings.Contains(text, given.Words) {
		t.Error("the words are shown before anybody is on the way")
	}
	claimed, err := h.Claim(t.Context(), first.ID, ada)
	check(t, err)
	words, err := h.Status(t.Context(), first.ID)
	check(t, err)
	if text := sees(first.ID, "Ada is on the way", words.Words, "Ada took it"); strings.Contains(text, "lovelace") {
		t.Error("the whole name of a technician is shown")
	}
	sees(second.ID, "You are next in line")
	_, err = h.Connected(t.Context(), first.ID, ada, claimed.Claim.Number)
	check(t, err)
	sees(first.ID, "Ada is connected")
	_, err = h.Close(t.Context(), first.ID, ada, 1, ticket.Solved, "rebooted it")
	check(t, err)
	if text := sees(first.ID, "Done", "solved", "Yes, it works"); strings.Contains(text, "rebooted") {
		t.Error("a technician's note is shown")
	}
	h.post(user, h.status(first.ID)+"/answer", url.Values{"solved": {"no"}})
	sees(first.ID, "You told us that you still need help", "Send a fresh invitation")
	if page := h.get(h.browser("grace", ticket.RoleTechnician), "/"); !strings.Contains(page.text, "User 1</bdi> still needs help") {
		t.Error("nobody of us is told that help is needed still")
	}
	h.post(user, h.status(first.ID)+"/answer", url.Values{"solved": {"yes"}}) // the first word counts
	sees(first.ID, "You told us that you still need help")
	german := h.get(user, h.status(second.ID), "Accept-Language", "de")
	if !strings.Contains(german.text, "Sie sind als Nächstes an der Reihe") {
		t.Error("not in German")
	}
}

func TestStatusPageHeaders(t *testing.T) {
	t.Parallel()
	h := build(t)
	id := h.arrives().ID
	user := h.browser("", "")
	for _, path := range []string{h.status(id), "/t/" + strings.Repeat("a", 26)} {
		a := h.get(user, path)
		if a.Header.Get("Cache-Control") != "no-store" || !strings.Contains(a.Header.Get("X-Robots-Tag"), "noindex") || a.Header.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: %v", path, a.Header)
		}
	}
}

// TestStatusInvalid: made up, cut off and purged secrets look the same.
func TestStatusInvalid(t *testing.T) {
	t.Parallel()
	h := build(t)
	path := h.status(h.arrives().ID)
	user := h.browser("", "")
	var texts []string
	for _, bad := range []string{path + "a", path[:len(path)-1], "/t/x", "/t/" + strings.Repeat("z", 26), "/t/1"} {
		a := h.get(user, bad)
		if a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", bad, a.StatusCode)
		}
		texts = append(texts, a.text)
	}
	for _, text := range texts {
		if text != texts[0] || !strings.Contains(text, "invalid") {
			t.Errorf("answers differ:\n%s\n%s", text, texts[0])
		}
	}
	if a := h.post(user, "/t/x/withdraw", nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("%d", a.StatusCode)
	}
	for range 40 {
		h.get(user, "/t/x")
	}
	if a := h.get(user, "/t/x"); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("guessing on and on: %d", a.StatusCode)
	}
	h.clock.pass(time.Minute)
	if a := h.get(user, path); a.StatusCode != http.StatusOK {
		t.Errorf("a minute later: %d", a.StatusCode)
	}
}

func TestStatusWithdrawAndDisown(t *testing.T) {
	t.Parallel()
	h := build(t)
	user := h.browser("", "")
	id := h.arrives().ID
	path := h.status(id)
	for _, verb := range []string{"/withdraw", "/not-me", "/answer", "/fresh"} { // a scanner follows links
		if a := h.get(user, path+verb); a.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: %d", verb, a.StatusCode)
		}
	}
	h.is(id, ticket.Waiting)
	if a := h.post(user, path+"/withdraw", nil, "Sec-Fetch-Site", "cross-site"); a.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %d", a.StatusCode)
	}
	h.is(id, ticket.Waiting)
	if a := h.post(user, path+"/withdraw", nil); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != path {
		t.Errorf("%d %s", a.StatusCode, a.Header.Get("Location"))
	}
	h.is(id, ticket.Withdrawn)
	if a := h.post(user, path+"/withdraw", nil); !strings.HasSuffix(a.Header.Get("Location"), "said=ended") {
		t.Errorf("again: %s", a.Header.Get("Location"))
	}
	other := h.arrives().ID
	_, err := h.Claim(t.Context(), other, ada)
	check(t, err)
	h.post(user, h.status(other)+"/not-me", nil)
	h.is(other, ticket.Quarantined)
	if _, err := h.File(t.Context(), other, ada, 1, ""); err == nil {
		t.Error("the holder still gets the file")
	}
	if text := h.get(user, h.status(other)).text; !strings.Contains(text, "nobody connects") || strings.Contains(text, "Send a fresh") {
		t.Error(text)
	}
	for range 20 {
		h.post(user, path+"/answer", nil)
	}
	if a := h.post(user, path+"/answer", nil); !strings.HasSuffix(a.Header.Get("Location"), "said=too-many") {
		t.Errorf("pushing on and on: %d %s", a.StatusCode, a.Header.Get("Location"))
	}
}

func TestStatusFreshInvitation(t *testing.T) {
	t.Parallel()
	h := build(t)
	user := h.browser("", "")
	file := func(seed int64) []byte {
		return sample.Invitation{User: "jdoe", Password: "Passw0rd", Start: h.clock.time(), Minutes: 60, Seed: 1000 + seed}.RA1()
	}
	old := h.arrives()
	h.clock.pass(time.Minute)
	h.arrives()
	h.clock.pass(time.Minute)
	a := h.uploads(user, h.status(old.ID)+"/fresh", "Invitation.msrcIncident", file(1))
	fresh := h.is(3, ticket.Waiting)
	if a.Header.Get("Location") != h.status(3) || !fresh.WaitingSince.Equal(old.WaitingSince) || fresh.User != old.User {
		t.Errorf("%s: %+v", a.Header.Get("Location"), fresh)
	}
	h.is(old.ID, ticket.Superseded)
	if text := h.get(user, h.status(3)).text; !strings.Contains(text, "You are next in line") {
		t.Error("the place was lost")
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"the same again": {file(1), "said=known"}, "no invitation": {[]byte("hello"), "said=not-an-invitation"}, "no file": {nil, "said=none"},
	} {
		at := h.status(3)
		var got answer
		if c.file == nil {
			got = h.post(user, at+"/fresh", nil)
		} else {
			got = h.uploads(user, at+"/fresh", "Invitation.msrcIncident", c.file)
		}
		if !strings.HasSuffix(got.Header.Get("Location"), c.want) {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.Header.Get("Location"))
			continue
		}
		if text := h.get(user, got.Header.Get("Location")).text; !strings.Contains(text, `role="alert"`) {
			t.Errorf("%s: nothing is said", name)
		}
	}
	if a := h.uploads(user, h.status(3)+"/fresh", "x", make([]byte, 9<<20)); a.StatusCode == http.StatusOK {
		t.Errorf("9 MB: %d", a.StatusCode)
	}
}

// TestStatusFreshOfUnknownUser: also whom nothing tells apart keeps the place.
func TestStatusFreshOfUnknownUser(t *testing.T) {
	t.Parallel()
	h := build(t)
	old := h.arrives(func(d *ticket.Delivery, _ *sample.Invitation) { d.From = ticket.User{}; d.Source = "share:support" })
	h.clock.pass(time.Minute)
	h.uploads(h.browser("", ""), h.status(old.ID)+"/fresh", "a.msrcIncident", sample.Invitation{User: "jdoe", Password: "Passw0rd", Start: h.clock.time(), Minutes: 60, Seed: 77}.RA1())
	h.is(old.ID, ticket.Superseded)
	if fresh := h.is(2, ticket.Waiting); !fresh.WaitingSince.Equal(old.WaitingSince) {
		t.Error("the place was lost")
	}
}

// TestStatusFreshShowsNobodyElses: who hands in a stranger's file learns nothing of its ticket.
func TestStatusFreshShowsNobodyElses(t *testing.T) {
	t.Parallel()
	h := build(t)
	var stolen []byte
	victim := h.arrives(func(_ *ticket.Delivery, s *sample.Invitation) { stolen = s.RA1() })
	mine := h.arrives()
	a := h.uploads(h.browser("", ""), h.status(mine.ID)+"/fresh", "a.msrcIncident", stolen)
	if to := a.Header.Get("Location"); !strings.HasPrefix(to, h.status(mine.ID)) || strings.Contains(to, h.status(victim.ID)) {
		t.Errorf("leads to %s", to)
	}
	h.is(victim.ID, ticket.Waiting)
}

func TestStatusEstimate(t *testing.T) {
	t.Parallel()
	h := build(t)
	for range 8 {
		next := h.arrives()
		h.clock.pass(4 * time.Minute)
		_, err := h.Claim(t.Context(), next.ID, ada)
		check(t, err)
	}
	if text := h.get(h.browser("", ""), h.status(h.arrives().ID)).text; !strings.Contains(text, "waited 4 min to 5 min") {
		t.Error(text)
	}
}

func TestStatusStream(t *testing.T) {
	t.Parallel()
	h := build(t)
	id := h.arrives().ID
	resp, err := http.Get(h.server.URL + h.status(id) + "/events")
	check(t, err)
	defer resp.Body.Close()
	heard := make(chan string, 10)
	go func() {
		b := make([]byte, 1024)
		for {
			n, err := resp.Body.Read(b)
			if n > 0 {
				heard <- string(b[:n])
			}
			if err != nil {
				close(heard)
				return
			}
		}
	}()
	next := func() string {
		select {
		case s := <-heard:
			return s
		case <-time.After(patience):
			return "nothing"
		}
	}
	if s := next(); !strings.HasPrefix(s, ": here") {
		t.Fatalf("%q", s)
	}
	_, err = h.Claim(t.Context(), id, ada)
	check(t, err)
	if s := next(); s != "event: change\ndata:\n\n" {
		t.Errorf("%q", s)
	}
	if s := fmt.Sprint(resp.Header); strings.Contains(s, "ada") {
		t.Error(s)
	}
}

// glanced is a queue that tells when somebody's standing is asked for.
type glanced struct {
	web.Queue
	asked func()
}

func (g glanced) Standing(ctx context.Context, t ticket.Ticket) (ticket.Standing, error) {
	g.asked()
	return g.Queue.Standing(ctx, t)
}

// The page loads when it hears that it is connected: what changes after that
// must not have been in the first look already, or nobody would tell of it.
func TestStatusStreamLooksBeforeItBegins(t *testing.T) {
	t.Parallel()
	var out atomic.Pointer[httptest.ResponseRecorder]
	before := make(chan bool, 10)
	h := build(t, func(o *web.Options) {
		o.Queue = glanced{o.Queue, func() {
			if w := out.Load(); w != nil {
				before <- !w.Flushed
			}
		}}
	})
	path := h.status(h.arrives().ID) + "/events"
	ctx, cancel := context.WithCancel(t.Context())
	w := httptest.NewRecorder()
	out.Store(w)
	ended := make(chan bool)
	go func() {
		h.site.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
		close(ended)
	}()
	select {
	case first := <-before:
		if !first {
			t.Error("it said that it was connected first")
		}
	case <-ended:
		t.Error("it ended without a look")
	}
	cancel()
	<-ended
}
