package web_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

// rowsOf are the numbers of a page's rows, in order.
func rowsOf(page string) string {
	var got []string
	for _, m := range regexp.MustCompile(`<li class="row[^"]*" id="t(\d+)"`).FindAllStringSubmatch(page, -1) {
		got = append(got, m[1])
	}
	return strings.Join(got, " ")
}

// TestPagesFollowEveryChange does hundreds of random things and compares, after
// each, the page that is kept and mended with one of a site that has just begun.
func TestPagesFollowEveryChange(t *testing.T) {
	t.Parallel()
	h := build(t)
	rnd := rand.New(rand.NewPCG(7, 7))
	who := []ticket.Technician{{Name: "ada", Role: ticket.RoleTechnician}, {Name: "grace", Role: ticket.RoleTechnician}, {Name: "lena", Role: ticket.RoleLead}}
	browsers := map[string]*http.Client{}
	for _, p := range who {
		browsers[p.Name] = h.browser(p.Name, p.Role)
	}
	acts := []func(ticket.ID, ticket.Technician){
		func(ticket.ID, ticket.Technician) {
			h.arrives(func(d *ticket.Delivery, s *sample.Invitation) {
				s.Minutes = 2 + rnd.IntN(200)
				d.Quarantine = rnd.IntN(9) == 0
			})
		},
		func(id ticket.ID, by ticket.Technician) { _, _ = h.Claim(t.Context(), id, by) },
		func(id ticket.ID, by ticket.Technician) {
			_, _ = h.Release(t.Context(), id, by, 1+rnd.IntN(2), ticket.ReasonOther, "")
		},
		func(id ticket.ID, by ticket.Technician) { _, _ = h.Connected(t.Context(), id, by, 1) },
		func(id ticket.ID, by ticket.Technician) { _, _ = h.Close(t.Context(), id, by, 1, ticket.Solved, "") },
		func(id ticket.ID, by ticket.Technician) { _, _ = h.Approve(t.Context(), id, by) },
		func(ticket.ID, ticket.Technician) { h.clock.pass(time.Duration(rnd.IntN(90_000)) * time.Millisecond) },
	}
	for range 70 {
		acts[0](0, who[0])
	}
	bars := regexp.MustCompile(`x2?="[0-9.]+%"`) // a bar may lag a minute behind its words
	for i := range 300 {
		acts[rnd.IntN(len(acts))](ticket.ID(1+rnd.IntN(h.items)), who[rnd.IntN(len(who))])
		if i%12 != 0 {
			continue
		}
		path := []string{"/", "/?show=waiting", "/?show=mine", "/?q=user+1", "/?limit=20&show=all"}[rnd.IntN(5)]
		c := browsers[who[rnd.IntN(len(who))].Name]
		if kept, want := bars.ReplaceAllString(h.get(c, path).text, ""), bars.ReplaceAllString(h.anew(c, path), ""); kept != want {
			t.Fatalf("after %d: %s differs: rows %s, want %s", i, path, rowsOf(kept), rowsOf(want))
		}
	}
}

// anew is what a site that has just begun, over the same queue, answers.
func (h *house) anew(c *http.Client, path string) string {
	h.t.Helper()
	site, err := web.New(h.options())
	check(h.t, err)
	r := httptest.NewRequest("GET", h.server.URL+path, nil)
	for _, cookie := range c.Jar.Cookies(mustURL(h.t, h.server.URL)) {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	return w.Body.String()
}

// TestAPageIsOfNow: what was committed before a page was asked for is on it,
// also when many ask and change at once.
func TestAPageIsOfNow(t *testing.T) {
	t.Parallel()
	h := build(t)
	for range 40 {
		h.arrives()
	}
	var all sync.WaitGroup
	for n := range 8 {
		name := fmt.Sprintf("tech%d", n)
		b := h.browser(name, ticket.RoleTechnician)
		all.Go(func() {
			for i := range 5 {
				id := ticket.ID(n*5 + i + 1)
				if _, err := h.Claim(context.WithoutCancel(t.Context()), id, ticket.Technician{Name: name, Role: ticket.RoleTechnician}); err != nil {
					t.Error(err)
				}
				if text := h.get(b, "/?show=mine").text; !strings.Contains(text, fmt.Sprintf(`class="row yours new" id="t%d"`, id)) && !strings.Contains(text, fmt.Sprintf(`class="row yours" id="t%d"`, id)) {
					t.Errorf("%s does not see %d just claimed: %s", name, id, rowsOf(text))
				}
			}
		})
	}
	all.Wait()
}

// TestGzipIsTheSamePage for readers with it and without.
func TestGzipIsTheSamePage(t *testing.T) {
	t.Parallel()
	h := build(t)
	fillBusy(h)
	for range 150 {
		h.arrives()
	}
	c := h.browser("grace", ticket.RoleTechnician)
	for _, path := range []string{"/", "/?show=mine", "/?show=missed", "/rows?since=0&show=all", "/rows?since=20"} {
		zipped := h.get(c, path).text // the client unpacks, and checks the sum
		if plain := h.get(c, path, "Accept-Encoding", "identity").text; plain != zipped || plain == "" {
			t.Errorf("%s: %d bytes zipped, %d plain", path, len(zipped), len(plain))
		}
	}
}

func TestMissedAreListedForAWeek(t *testing.T) {
	t.Parallel()
	h := build(t)
	c := h.browser("ada", ticket.RoleTechnician)
	h.arrives(func(d *ticket.Delivery, s *sample.Invitation) { d.From.Name, s.Minutes = "Ingrid Solheim", 30 })
	claimed := h.arrives(func(_ *ticket.Delivery, s *sample.Invitation) { s.Minutes = 30 })
	h.arrives(func(d *ticket.Delivery, s *sample.Invitation) { // dead on arrival: nobody could have claimed it
		d.From.Name, s.Start, s.Minutes = "Too Late", h.clock.time().Add(-time.Hour), 30
	})
	_, err := h.Claim(t.Context(), claimed.ID, ticket.Technician{Name: "ada", Role: ticket.RoleTechnician})
	check(t, err)
	h.clock.pass(31 * time.Minute)
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	h.Run(ctx) // the clock acts
	text := h.get(c, "/?show=missed").text
	if !strings.Contains(text, "Ingrid Solheim") || strings.Contains(text, "Too Late") || !strings.Contains(text, `<span id="n-missed">1</span>`) {
		t.Error(text)
	}
	h.clock.pass(8 * 24 * time.Hour)
	if text := h.get(h.browser("ada", ticket.RoleTechnician), "/?show=missed").text; strings.Contains(text, "Ingrid Solheim") || !strings.Contains(text, "Nobody was missed") {
		t.Error("still listed after eight days")
	}
}

// listed counts how often the line is read from the queue.
type listed struct {
	web.Queue
	times *atomic.Int64
}

func (l listed) EachOpen(ctx context.Context, found func(ticket.Ticket)) (int64, error) {
	l.times.Add(1)
	return l.Queue.EachOpen(ctx, found)
}

// TestTheLineIsReadAhead: after Warm the first page reads no line, whenever
// somebody asks for it.
func TestTheLineIsReadAhead(t *testing.T) {
	t.Parallel()
	var times atomic.Int64
	h := build(t, func(o *web.Options) { o.Queue = listed{o.Queue, &times} })
	h.arrives()
	b := h.browser("ada", ticket.RoleTechnician)
	h.site.Warm(t.Context())
	before := times.Load()
	if before == 0 {
		t.Fatal("no line was read")
	}
	if page := h.get(b, "/"); rowsOf(page.text) != "1" {
		t.Errorf("rows %q", rowsOf(page.text))
	}
	if more := times.Load() - before; more > 0 {
		t.Errorf("the first page read the line again, %d times", more)
	}
}
