package main

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

func TestTechnicians(t *testing.T) {
	t.Parallel()
	o := newOffice(t, `public_url = "https://help.example.org"`, "")
	at := "--config=" + o.config
	file := filepath.Join(o.dir, "password")
	write(t, file, "correct horse battery\n")

	if out := inviter.Must(t, at, "technician", "add", "ada", "--role=lead"); !strings.HasPrefix(out, "https://help.example.org/login/link/") {
		t.Errorf("the link: %q", out)
	}
	if out := inviter.Must(t, "technician", "add", "--password-file", file, "grace", at); out != "" {
		t.Errorf("with a password says %q", out)
	}
	if r := inviter.Do(t, "technician", "add", "ADA", at); r.Code != 1 || !strings.Contains(r.Err, "technician link ADA") {
		t.Errorf("a second ada: %+v", r)
	}
	first, second := inviter.Must(t, "technician", "link", "ada", at), inviter.Must(t, "technician", "link", "ada", at)
	if first == second || strings.Count(second, "\n") != 1 {
		t.Errorf("links %q, %q", first, second)
	}
	token := inviter.Must(t, "technician", "token", "grace", at)
	if strings.Count(token, "\n") != 1 || len(token) < 30 || strings.ContainsAny(token, " \t") {
		t.Errorf("token %q is not alone", token)
	}
	inviter.Must(t, "technician", "disable", "ada", at)
	if r := inviter.Do(t, "technician", "token", "ada", at); r.Code != 1 || !strings.Contains(r.Err, "disabled") {
		t.Errorf("token of a disabled account: %+v", r)
	}
	var ada, grace listed
	lines := strings.Split(inviter.Must(t, "technician", "list", "--json", at), "\n")
	if err := json.Unmarshal([]byte(lines[0]), &ada); err != nil || ada.Name != "ada" || ada.Role != "lead" || !ada.Disabled || ada.Password || ada.LastSignIn != nil {
		t.Errorf("ada: %v %s", err, lines[0])
	}
	if err := json.Unmarshal([]byte(lines[1]), &grace); err != nil || grace.Role != "technician" || grace.Disabled || !grace.Password {
		t.Errorf("grace: %v %s", err, lines[1])
	}
	if out := inviter.Must(t, "technician", "list", at); !strings.Contains(out, "ada    lead        disabled  never") {
		t.Errorf("list:\n%s", out)
	}
	if out := inviter.Must(t, "technician", "add", "joan", "--json", at); !strings.HasPrefix(out, `{"name":"joan","role":"technician","link":"https://`) {
		t.Errorf("add --json: %s", out)
	}
}

// The first start prints a link, and so does every later one until somebody
// has got in.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	server, _ := o.serve(t)
	forgotten := server.Out.Await(t, "within 24 hours:\n")
	server.Stop(t)

	server, address := o.serve(t)
	link := server.Out.Await(t, "within 24 hours:\n")
	if link == forgotten || !strings.HasPrefix(link, address+"/login/link/") {
		t.Fatalf("links %s, %s", forgotten, link)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := http.Client{Jar: jar}
	secret := link[strings.LastIndex(link, "/")+1:]
	r, err := browser.PostForm(address+"/login/link", url.Values{"secret": {secret}})
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusOK || r.Request.URL.Path != "/" {
		t.Errorf("the link leads to %s: %s", r.Request.URL, r.Status)
	}
	server.Stop(t)

	server, _ = o.serve(t)
	if out := server.Stop(t).Out; out != "" {
		t.Errorf("says %q after somebody logged in", out)
	}
}
