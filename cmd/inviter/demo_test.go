package main

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inviter/cmd/internal/program/programtest"
)

// The demo's invitations arrive by mail and by file, its links log in, and its
// ready lines do what they say. A second start goes on where it was.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	r := inviter.Start(t, "demo", "--dir", dir, "--listen", "127.0.0.1:0", "--json")
	r.Err.Await(t, "msg=serving url=")
	var s shown
	if err := json.Unmarshal([]byte(r.Out.String()), &s); err != nil {
		t.Fatalf("%v: %s", err, r.Out)
	}
	var links []string
	for _, in := range s.LogIns {
		links = append(links, in.Link)
		if !logsIn(t, in.Link) {
			t.Errorf("%s's link doesn't log in", in.Name)
		}
	}
	if len(links) != 2 || links[0] == links[1] {
		t.Errorf("links %v", links)
	}
	at := "--config=" + s.Config
	ada := api{s.Page + "/api/v1", strings.TrimSpace(inviter.Must(t, at, "technician", "token", "ada"))}
	before := ada.waiting(t, 5)
	for _, try := range s.Try {
		if strings.HasPrefix(try.Command, "cp ") {
			if out, err := exec.Command("sh", "-c", try.Command).CombinedOutput(); err != nil {
				t.Errorf("%s: %v %s", try.Command, err, out)
			}
		}
	}
	if after := ada.waiting(t, len(before)+1); len(after) <= len(before) {
		t.Errorf("waiting: %v, then %v", before, after)
	}
	if r, err := http.Get(s.Ask); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("the page to hand in: %v %v", r, err)
	}
	programtest.Until(t, "users are answered", func() bool {
		got, err := filepath.Glob(filepath.Join(s.Answers, "*jane.doe_example.org-*.eml"))
		return err == nil && len(got) > 0
	})
	inviter.Must(t, at, "check")
	if r := inviter.Do(t, "demo", "--dir", dir); r.Code != 1 || !strings.Contains(r.Err, "another inviter serves") {
		t.Errorf("a second demo: %+v", r)
	}
	if r := r.Stop(t); r.Code != 0 {
		t.Errorf("exit %d\n%s", r.Code, r.Err)
	}

	r = inviter.Start(t, "demo", "--dir", dir, "--listen", "127.0.0.1:0")
	ada.url = r.Err.Await(t, "msg=serving url=") + "/api/v1"
	if again := ada.waiting(t, len(before)); again[0] != before[0] {
		t.Errorf("after a new start: %v, before: %v", again, before)
	}
	for _, want := range []string{"Page       http://127.0.0.1:", "Mail to    help@example.org", "curl ", "cp ", dir} {
		if !strings.Contains(r.Out.String(), want) {
			t.Errorf("no %q in\n%s", want, r.Out)
		}
	}
}

func logsIn(t *testing.T, link string) bool {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := http.Client{Jar: jar}
	site, secret, _ := strings.Cut(link, "/login/link/")
	r, err := browser.PostForm(site+"/login/link", url.Values{"secret": {secret}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	return r.StatusCode == http.StatusOK && r.Request.URL.Path == "/"
}

func TestDemoWithoutAnyFreePlace(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "in the way")
	if r := inviter.Do(t, "demo", "--dir", filepath.Join(file, "demo")); r.Code != 1 || strings.Count(r.Err, "\n") != 1 {
		t.Errorf("%+v", r)
	}
	if r := inviter.Do(t, "demo", "--dir", t.TempDir(), "--listen", "nowhere:1:2"); r.Code != 1 {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat("inviter-demo"); err == nil {
		t.Error("made a folder here")
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{"[::]:80": "127.0.0.1:80", "0.0.0.0:80": "127.0.0.1:80", "[::1]:80": "[::1]:80", "192.0.2.1:80": "192.0.2.1:80"} {
		if got := reachable(place(at)); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}

// place is an address as a listener tells it.
type place string

func (p place) Network() string { return "tcp" }
func (p place) String() string  { return string(p) }
