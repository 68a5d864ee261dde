package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/cmd/internal/program/programtest"
	"inviter/invitation/sample"
)

var inviter = programtest.Program(run)

// office is a configuration with one share, in a folder of its own; web are
// further lines of its [web], more are further tables.
type office struct{ dir, config, share string }

func newOffice(t *testing.T, web, more string) office {
	t.Helper()
	dir := t.TempDir()
	o := office{dir, filepath.Join(dir, "inviter.toml"), filepath.Join(dir, "drop")}
	text := `
data = '` + filepath.Join(dir, "data") + `'
[web]
listen = "127.0.0.1:0"
` + web + `
[[share]]
name = "drop"
path = '` + o.share + `'
poll = "@every 1s"
settle = "0s"
` + more
	if err := os.Mkdir(o.share, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, o.config, text)
	return o
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// drop puts an invitation into the share, whole, and returns what is in it.
func (o office) drop(t *testing.T, name string, seed int64) []byte {
	t.Helper()
	file := sample.Invitation{User: name, Password: "secret", Start: time.Now(), Minutes: 60, Seed: seed}.RA2()
	hidden, shown := filepath.Join(o.share, "."+name), filepath.Join(o.share, name+".msrcIncident")
	write(t, hidden, string(file))
	if err := os.Rename(hidden, shown); err != nil {
		t.Fatal(err)
	}
	return file
}

// serve starts a server and returns it with its address.
func (o office) serve(t *testing.T, flags ...string) (*programtest.Running, string) {
	t.Helper()
	r := inviter.Start(t, append([]string{"serve", "--config", o.config}, flags...)...)
	return r, r.Err.Await(t, "msg=serving url=")
}

// api is one account's way to a server.
type api struct{ url, token string }

func (o office) api(t *testing.T, url, name string) api {
	t.Helper()
	inviter.Must(t, "technician", "add", name, "--config", o.config)
	return api{url + "/api/v1", strings.TrimSpace(inviter.Must(t, "--config="+o.config, "technician", "token", name))}
}

// answer is what a request brought, as far as the tests look at it.
type answer struct {
	Status  int
	Body    []byte
	ID      int64
	State   string
	Code    string
	Holder  string
	Claim   struct{ Number int }
	Tickets []struct {
		ID    int64
		State string
	}
}

func (a api) do(t *testing.T, method, path string, body string) answer {
	t.Helper()
	q, err := http.NewRequest(method, a.url+path, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+a.token)
	if strings.HasPrefix(body, "{") {
		q.Header.Set("Content-Type", "application/json")
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	got := answer{Status: r.StatusCode}
	if got.Body, err = io.ReadAll(r.Body); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(got.Body, &got) // files are none
	return got
}

// waiting waits until so many tickets wait and returns their numbers.
func (a api) waiting(t *testing.T, n int) []int64 {
	t.Helper()
	var ids []int64
	programtest.Until(t, "tickets wait", func() bool {
		ids = nil
		for _, one := range a.do(t, "GET", "/tickets?state=waiting", "").Tickets {
			ids = append(ids, one.ID)
		}
		return len(ids) >= n
	})
	return ids
}
