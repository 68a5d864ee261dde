package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/invitation/sample"
)

// TestScriptsOfTheDocs runs every curl line of docs/scripts.md as it stands
// there, against a real server.
func TestScriptsOfTheDocs(t *testing.T) {
	t.Parallel()
	curl := private.Program(t, "curl")
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "scripts.md"))
	if err != nil {
		t.Fatal(err)
	}
	o := newOffice(t, "", "")
	_, url := o.serve(t)
	ada := o.api(t, url, "ada")
	token := strings.TrimSpace(inviter.Must(t, "intake-token", "front-desk", "--config", o.config))
	made := func(seed int64) sample.Invitation {
		return sample.Invitation{User: "jdoe", Password: "K7WXB2NRT9QD", Start: time.Now(), Minutes: 60, Seed: seed}
	}
	write(t, filepath.Join(o.dir, "Invitation.msrcIncident"), string(made(1).RA1()))
	write(t, filepath.Join(o.dir, "Invitation2.msrcIncident"), string(made(2).RA2()))
	write(t, filepath.Join(o.dir, "mail.eml"), string(sample.Mail{
		From: "Lin Wei <lin@example.org>", Date: time.Now(), Subject: "Help", Text: "Excel crashes. Password: K7WXB2NRT9QD\n",
		Files: []sample.File{{Name: "Invitation.msrcIncident", Body: made(3).RA1()}},
	}.Bytes()))

	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	want := []struct{ kind, user, note string }{
		{"file", "", ""}, {"file", "Jane Doe", "The printer prints twice."}, {"file", "Lin Wei", "Excel crashes."}, {"offer", "Jane Doe", "The printer"}, {"easyconnect", "Tom Becker", ""},
	}
	if len(blocks) != len(want) {
		t.Fatalf("%d examples, %d are known here", len(blocks), len(want))
	}
	for i, w := range want {
		c := exec.Command("sh", "-c", strings.ReplaceAll(blocks[i][1], "curl ", curl+" "))
		c.Dir, c.Env = o.dir, append(os.Environ(), "INVITER_URL="+url, "INVITER_TOKEN="+token, "no_proxy=*")
		out, err := c.CombinedOutput()
		var got struct {
			Kind, Note, State string
			User              struct{ Name string }
		}
		if err != nil || json.Unmarshal(out, &got) != nil || got.Kind != w.kind || got.User.Name != w.user || !strings.Contains(got.Note, w.note) || got.State != "waiting" || strings.Contains(string(out), "K7WX") {
			t.Errorf("%s\n%v\n%s", blocks[i][1], err, out)
		}
	}
	ada.waiting(t, len(want))
	s := o.seats(t, url, "grace")[0]
	s.says(t, 0, []string{"KIND", "offer", "easyconnect"}, "list")
	s.says(t, 0, []string{"is yours", "msra /offerra PC-0417"}, "claim", "4")
	s.says(t, 0, []string{"Addresses", "PC-0417", "by phone"}, "show", "4")
	s.says(t, 1, []string{"inviter: "}, "fetch", "4", "-o", filepath.Join(o.dir, "none"))
	s.says(t, 0, []string{"is yours", "Call 318"}, "claim", "5")
}
