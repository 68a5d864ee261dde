package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inviter/cmd/internal/program/programtest"
)

// seat is one technician's command line.
type seat struct{ url, token string }

// seats opens the command lines of new accounts at one server.
func (o office) seats(t *testing.T, url string, names ...string) []seat {
	t.Helper()
	var all []seat
	for _, name := range names {
		file := filepath.Join(o.dir, name+".token")
		inviter.Must(t, "technician", "add", name, "--config", o.config)
		write(t, file, inviter.Must(t, "technician", "token", name, "--config", o.config))
		all = append(all, seat{url, file})
	}
	return all
}

func (s seat) do(t *testing.T, args ...string) programtest.Result {
	t.Helper()
	return inviter.Do(t, append(args, "--url", s.url, "--token-file", s.token)...)
}

// says runs a command that has to end with a status, and its words to hold all of some.
func (s seat) says(t *testing.T, code int, holds []string, args ...string) string {
	t.Helper()
	r := s.do(t, args...)
	for _, word := range holds {
		if r.Code != code || !strings.Contains(r.Out+r.Err, word) {
			t.Fatalf("%v: exit %d, want %d with %q\n%s%s", args, r.Code, code, word, r.Out, r.Err)
		}
	}
	return r.Out
}

func TestTechnicianWorksAtTheCommandLine(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	file := o.drop(t, "jane", 1)
	_, url := o.serve(t)
	o.api(t, url, "watch").waiting(t, 1)
	both := o.seats(t, url, "ada", "grace")
	ada, grace := both[0], both[1]

	ada.says(t, 0, []string{"TICKET", "waiting", "jane", "min"}, "list")
	ada.says(t, 1, []string{"nobody holds ticket 1"}, "close", "1")
	ada.says(t, 1, []string{"nobody holds ticket 1"}, "fetch", "1", "-o", "-")
	ada.says(t, 0, []string{"Ticket 1 is yours", "inviter fetch 1"}, "claim", "next")
	ada.says(t, 0, []string{"Ticket 1 is yours"}, "claim", "#1")
	grace.says(t, 1, []string{"ada", "since"}, "claim", "1")
	grace.says(t, 1, []string{"nothing waits"}, "claim", "next")
	grace.says(t, 1, []string{"inviter: "}, "fetch", "1", "--output", filepath.Join(o.dir, "no"))
	ada.says(t, 0, []string{"1, claimed", "ada since", "claim 1", "share:drop", "submitted"}, "show", "1")

	saved := filepath.Join(o.dir, "got.msrcIncident")
	ada.says(t, 0, []string{saved, "delete it afterwards"}, "fetch", "1", "-o", saved)
	if got, err := os.ReadFile(saved); err != nil || string(got) != string(file) {
		t.Errorf("fetched %d bytes, %v; dropped were %d", len(got), err, len(file))
	}
	if info, err := os.Stat(saved); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is open to others: %v, %v", info.Mode(), err)
	}
	ada.says(t, 1, []string{"there already"}, "fetch", "1", "-o", saved)
	if out := ada.says(t, 0, []string{"<"}, "fetch", "1", "-o", "-"); out != string(file) {
		t.Errorf("standard output has %d bytes, want %d", len(out), len(file))
	}

	grace.says(t, 1, []string{"inviter: "}, "release", "1")
	ada.says(t, 0, []string{"handed back", "waiting"}, "release", "1", "--reason", "wrong-skill", "--note", "printers are Grace's")
	grace.says(t, 0, []string{`"number":2`}, "claim", "1", "--json")
	ada.says(t, 1, []string{"inviter: "}, "close", "1", "--claim", "1")
	grace.says(t, 0, []string{"Ticket 1 is closed"}, "close", "1", "--outcome", "unsolved", "--note", "new cable ordered")
	ada.says(t, 1, []string{"closed"}, "claim", "1")
	ada.says(t, 0, []string{"No tickets."}, "list")
	ada.says(t, 0, []string{"closed", "jane"}, "list", "--state", "closed,expired")
	ada.says(t, 0, []string{"closed (unsolved)", "new cable ordered"}, "show", "1")
	ada.says(t, 1, []string{"inviter: "}, "show", "99")
}

func TestTechniciansCommandsSpeakJSON(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	o.drop(t, "jane", 1)
	o.drop(t, "joe", 2)
	_, url := o.serve(t)
	o.api(t, url, "watch").waiting(t, 2)
	ada := o.seats(t, url, "ada")[0]

	lines := strings.Split(strings.TrimSpace(ada.says(t, 0, []string{"waiting"}, "list", "--json")), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines of %q, want 2", len(lines), lines)
	}
	for _, line := range append(lines, ada.says(t, 0, []string{"claimed"}, "claim", "next", "--json"), ada.says(t, 0, []string{"events"}, "show", "1", "--json")) {
		var one struct {
			ID      int64
			Flags   []string
			Expires *string `json:"expires_at"`
		}
		if err := json.Unmarshal([]byte(line), &one); err != nil || one.ID == 0 || one.Expires == nil || one.Flags == nil {
			t.Errorf("not a ticket: %s (%v)", line, err)
		}
	}
}

func TestTechniciansCommandsSayWhatIsAmiss(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	_, url := o.serve(t)
	ada := o.seats(t, url, "ada")[0]
	bad := filepath.Join(o.dir, "bad.token")
	write(t, bad, "nobody")
	closed := "http://127.0.0.1:1"
	for _, c := range []struct {
		code int
		word string
		args []string
	}{
		{2, "no ticket's number", []string{"claim", "jane", "--url", url, "--token-file", ada.token}},
		{2, "no ticket's number", []string{"show", "0", "--url", url, "--token-file", ada.token}},
		{2, "no address of a server", []string{"list", "--url", "help", "--token-file", ada.token}},
		{2, "--token-file", []string{"list", "--url", url, "--token-file", filepath.Join(o.dir, "none")}},
		{2, "--reason", []string{"release", "1", "--reason", "bored", "--url", url, "--token-file", ada.token}},
		{1, "is the server running", []string{"list", "--url", closed, "--token-file", ada.token}},
		{1, "inviter: ", []string{"list", "--url", url, "--token-file", bad}},
		{1, "is inviter what runs", []string{"list", "--url", url + "/nowhere", "--token-file", ada.token}},
	} {
		if r := inviter.Do(t, c.args...); r.Code != c.code || !strings.Contains(r.Err, c.word) || strings.Contains(r.Err, "nobody") {
			t.Errorf("%v: exit %d, %q; want %d and %q", c.args, r.Code, r.Err, c.code, c.word)
		}
	}
}

func TestTokenComesFromTheEnvironment(t *testing.T) {
	t.Setenv(tokenVariable, "")
	if r := inviter.Do(t, "list"); r.Code != 2 || !strings.Contains(r.Err, "INVITER_TOKEN") {
		t.Errorf("without a token: exit %d, %q", r.Code, r.Err)
	}
	o := newOffice(t, "", "")
	_, url := o.serve(t)
	token, err := os.ReadFile(o.seats(t, url, "ada")[0].token)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("INVITER_URL", url)
	t.Setenv(tokenVariable, strings.TrimSpace(string(token)))
	if out := inviter.Must(t, "list"); out != "No tickets.\n" {
		t.Errorf("list says %q", out)
	}
}

func TestShellCompletion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words string
		want  []string
	}{
		{"rel", []string{"release"}},
		{"technician to", []string{"token"}},
		{"claim ", []string{"next"}},
		{"close 4 --outcome ", []string{"solved", "unsolved", "no-answer", "misuse"}},
		{"close 4 --no", []string{"--note"}},
		{"inspect ", nil},
		{"list --url ", nil},
		{"completion w", nil},
	} {
		args := append([]string{"completion", "words", "--"}, strings.Split(c.words, " ")...)
		if got := strings.Fields(inviter.Must(t, args...)); strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("%q may become %v, want %v", c.words, got, c.want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if out := inviter.Must(t, "completion", shell); !strings.Contains(out, "completion words") {
			t.Errorf("%s: %q", shell, out)
		}
	}
}
