package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/e2e/private"
)

// beside is another host of the same helpdesk: its own folder and address, the
// same database, key and sources.
func (h *helpdesk) beside(t *testing.T, database, sources string) *helpdesk {
	t.Helper()
	other := newHelpdesk(t)
	old, err := os.ReadFile(other.config)
	if err != nil {
		t.Fatal(err)
	}
	other.write("inviter.toml", fmt.Sprintf("database = %q\nkey_file = %q\n%s\n%s\n", database, filepath.Join(h.dir, "inviter.key"), old, sources))
	return other
}

// Two servers and two watchers on one PostgreSQL are one helpdesk: whatever one
// does the other shows, and whatever dies, the rest goes on.
func TestManyProcessesOnPostgres(t *testing.T) {
	t.Parallel()
	db, drop := private.StartPostgreSQL(t), t.TempDir()
	h := newHelpdesk(t)
	var hosts []*helpdesk
	for range 2 {
		hosts = append(hosts, h.beside(t, db.URL(), shareAt(drop, "")))
	}
	a, b := hosts[0], hosts[1]
	first := a.serveAlone()
	b.serveAlone()
	watchers := []*private.Process{a.watch(), b.watch()}
	ada, grace := a.technician("ada", "technician"), b.technician("grace", "lead")
	for i := range 3 {
		dropFile(t, drop, i)
	}
	waiting := ada.appear(3, "waiting")
	grace.appear(3, "waiting")

	stream := grace.stream(t)
	raceFor(t, waiting[0].ID, ada, grace)
	stream.says(t, fmt.Sprintf(`"id":%d,"state":"claimed"`, waiting[0].ID))

	// A request whose answer was lost is sent to the other server.
	key := map[string]string{"Idempotency-Key": "one"}
	body := ada.wantsWith(t, key, ada.on(waiting[1].ID, "claim"))
	there := *ada
	there.url = b.url
	if again := there.wantsWith(t, key, ada.on(waiting[1].ID, "claim")); again != body {
		t.Errorf("the other server answers %s, not %s", again, body)
	}

	// Whoever watches the share dies; the other takes over.
	killed := watchers[0]
	if !strings.Contains(watchers[1].Output(), "waits for another watcher") {
		killed = watchers[1]
	}
	killed.Kill()
	start := time.Now()
	dropFile(t, drop, 3)
	grace.appear(2, "waiting") // one of three is left, and the new one
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("the share moved on after %v", took)
	}

	// A server dies; what it held goes on at the other, the clock too.
	first.Kill()
	if got := grace.tickets("claimed"); len(got) != 2 {
		t.Errorf("claimed: %+v", got)
	}
	out := b.must("inviter", "verify")
	if !strings.Contains(out, "4 tickets") || !strings.Contains(out, ": ok") {
		t.Error(out)
	}
	for _, refused := range [][]string{{"backup", filepath.Join(b.dir, "x")}, {"restore", filepath.Join(b.dir, "x")}} {
		if r := b.run("inviter", refused...); r.code != 1 || !strings.Contains(r.err, "pg_") {
			t.Errorf("%v: exit %d, %s", refused, r.code, r.err)
		}
	}
	if out := b.must("inviter", "check"); !strings.Contains(out, "PostgreSQL") || !strings.Contains(out, "keeps what it commits") {
		t.Error(out)
	}
}

// watch starts a watcher.
func (h *helpdesk) watch() *private.Process {
	h.t.Helper()
	return h.start("watcher", nil, "run")
}

func dropFile(t *testing.T, dir string, i int) {
	t.Helper()
	user := fmt.Sprint("user", i)
	name := filepath.Join(dir, user+".msrcIncident")
	if err := os.WriteFile(name+".part", invite(int64(i+1), user).RA2(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".part", name); err != nil {
		t.Fatal(err)
	}
}

// raceFor has people claim one ticket at the same time, each at his own server.
func raceFor(t *testing.T, id int64, people ...*person) {
	t.Helper()
	var all sync.WaitGroup
	answers := make([]answer, 20)
	for i := range answers {
		all.Go(func() {
			var err error
			if answers[i], err = people[i%len(people)].try(http.MethodPost, people[0].on(id, "claim"), nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	holder := ""
	for _, a := range answers {
		who := ""
		if a.Status == http.StatusOK {
			who = a.ticket(t).Claim.Holder
		} else {
			_, who = a.problem()
		}
		if holder == "" {
			holder = who
		}
		if who == "" || who != holder {
			t.Errorf("%d %s, but %s has it", a.Status, a.Body, holder)
		}
	}
}

// wantsWith is a POST with headers, which succeeds; it returns the body.
func (p *person) wantsWith(t *testing.T, headers map[string]string, path string) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, p.url+"/api/v1"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var text strings.Builder
	if _, err := bufio.NewReader(resp.Body).WriteTo(&text); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v\n%s", path, resp.Status, err, text.String())
	}
	return text.String()
}

// stream is an open event stream.
type stream struct{ lines chan string }

func (p *person) stream(t *testing.T) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	s := &stream{lines: make(chan string, 1000)}
	go func() {
		defer resp.Body.Close()
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			s.lines <- lines.Text()
		}
	}()
	return s
}

// says waits for a line of the stream.
func (s *stream) says(t *testing.T, want string) {
	t.Helper()
	late := time.After(private.Patience)
	for {
		select {
		case line := <-s.lines:
			if strings.Contains(line, want) {
				return
			}
		case <-late:
			t.Fatalf("the stream never said %s", want)
		}
	}
}

// While the database is away a server says so, and that it passes; when it is
// back the server is too, without a restart.
func TestServerOutlivesItsDatabase(t *testing.T) {
	t.Parallel()
	db, drop := private.StartPostgreSQL(t), t.TempDir()
	h := newHelpdesk(t).beside(t, db.URL(), shareAt(drop, ""))
	h.serve()
	ada := h.technician("ada", "technician")
	dropFile(t, drop, 0)
	id := ada.appear(1, "waiting")[0].ID
	db.Crash()
	if a := ada.call(http.MethodGet, "/tickets", nil); a.Status != http.StatusServiceUnavailable {
		t.Errorf("reading: %d %s", a.Status, a.Body)
	}
	if err := h.answers("/readyz", http.StatusServiceUnavailable)(t.Context()); err != nil {
		t.Error(err)
	}
	db.Start()
	eventually(t, "a claim when it is back", func() error {
		a := ada.call(http.MethodPost, ada.on(id, "claim"), nil)
		if code, _ := a.problem(); a.Status == http.StatusServiceUnavailable && code != "unavailable" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		if a.Status != http.StatusOK {
			return fmt.Errorf("%d %s", a.Status, a.Body)
		}
		return nil
	})
	dropFile(t, drop, 1)
	ada.appear(1, "waiting")
	eventually(t, "ready again", func() error { return h.answers("/readyz", http.StatusOK)(t.Context()) })
}

// "Try now" at a server reaches whoever watches the source, on any host.
func TestScanNowReachesWatchersElsewhere(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]string{"sqlite": "", "postgres": private.StartPostgreSQL(t).URL()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drop := strings.Replace(shareAt(t.TempDir(), ""), "@every 1s", "@every 12h", 1)
			h := newHelpdesk(t, drop)
			other := h
			if database != "" {
				h, other = h.beside(t, database, drop), h.beside(t, database, drop)
			}
			h.serveAlone()
			other.watch()
			ada := h.technician("ada", "technician")
			eventually(t, "the first pass", func() error { return h.answers("/readyz", http.StatusOK)(t.Context()) })
			first := ada.lastSuccess()
			ada.wants(http.StatusAccepted, http.MethodPost, "/sources/share:support/scan", nil)
			eventually(t, "another pass", func() error {
				if got := ada.lastSuccess(); !got.After(first) {
					return fmt.Errorf("the last one was at %v", got)
				}
				return nil
			})
		})
	}
}

// lastSuccess is when the one source was last looked through.
func (p *person) lastSuccess() time.Time {
	p.t.Helper()
	var list struct {
		Sources []struct {
			Last time.Time `json:"last_success"`
		}
	}
	if err := json.Unmarshal(p.wants(http.StatusOK, http.MethodGet, "/sources", nil).Body, &list); err != nil || len(list.Sources) != 1 {
		p.t.Fatal(list, err)
	}
	return list.Sources[0].Last
}
