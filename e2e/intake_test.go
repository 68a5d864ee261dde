package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inviter/e2e/private"
)

// One invitation, mailed and dropped, becomes one ticket, whoever watches.
func TestMailAndShareToOneTicket(t *testing.T) {
	t.Parallel()
	mail := private.Dovecot(t, private.DovecotOptions{})
	drop := t.TempDir()
	h := newHelpdesk(t, mailboxAt(mail.URL("help", "INBOX"), ""), shareAt(drop, ""))
	h.serve()
	ada := h.technician("ada", "technician")

	file := invite(1, "jdoe").RA2()
	mailTo(t, mail, mailWith("Jane Doe <jane.doe@example.org>", "Printer", file))
	got := ada.appear(1, "waiting")[0]
	if got.User.Name != "Jane Doe" || got.User.Address != "jane.doe@example.org" || got.User.ClaimedName != "jdoe" {
		t.Errorf("user %+v", got.User)
	}
	if err := os.WriteFile(filepath.Join(drop, "help.msrcIncident"), file, 0o644); err != nil {
		t.Fatal(err)
	}
	eventually(t, "also received via share", func() error {
		if v := ada.tickets("waiting"); len(v) != 1 || len(v[0].Deliveries) != 2 {
			return fmt.Errorf("%+v", v)
		}
		return nil
	})
	eventually(t, "both let go", func() error {
		_, err := os.Stat(filepath.Join(drop, "help.msrcIncident"))
		if n := folder(t, mail, "INBOX"); n != 0 || err == nil {
			return fmt.Errorf("%d mails in the box, file there: %v", n, err == nil)
		}
		return nil
	})
	if n := folder(t, mail, "Inviter/Processed"); n != 1 {
		t.Errorf("%d mails in the processed folder", n)
	}
	ada.wants(http.StatusOK, http.MethodPost, ada.on(got.ID, "claim"), nil)
	a := ada.wants(http.StatusOK, http.MethodPost, ada.on(got.ID, "invitation"), map[string]int{"claim": 1})
	if !bytes.Equal(a.Body, file) {
		t.Errorf("%d bytes came back, %d were sent", len(a.Body), len(file))
	}
}

// Ordinary mail stays where it is and as it is; what is damaged is refused
// visibly and moved out of the way; neither delays what comes behind it.
func TestOrdinaryAndDamagedMail(t *testing.T) {
	t.Parallel()
	mail := private.Dovecot(t, private.DovecotOptions{})
	h := newHelpdesk(t, mailboxAt(mail.URL("help", "INBOX"), ""))
	mailTo(t, mail, []byte("From: boss@example.org\r\nSubject: lunch\r\n\r\nAt noon?\r\n"))
	command(t, mail, `STORE 1 -FLAGS (\Seen)`) // curl stores what it uploads as read
	untouched := flags(t, mail)
	whole := invite(2, "bob").RA2()
	mailTo(t, mail, mailWith("bob@example.org", "broken", whole[:len(whole)/2]))
	mailTo(t, mail, mailWith("bob@example.org", "whole", whole))
	h.serveAlone()
	ada := h.technician("ada", "technician")

	var line struct {
		Source                                            string
		Seen, Queued, Repeated, Refused, Ignored, Pending int
		Error                                             string
	}
	out := h.must("watcher", "once", "--json")
	if err := json.Unmarshal([]byte(out), &line); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if line.Source != "mailbox:helpdesk" || line.Seen != 3 || line.Queued != 1 || line.Refused != 1 || line.Ignored != 1 || line.Error != "" {
		t.Errorf("%s", out)
	}
	ada.appear(1, "waiting")
	for name, want := range map[string]int{"INBOX": 1, "Inviter/Processed": 1, "Inviter/Refused": 1} {
		if n := folder(t, mail, name); n != want {
			t.Errorf("%d mails in %s, want %d", n, name, want)
		}
	}
	if got := flags(t, mail); got != untouched {
		t.Errorf("the ordinary mail was %q, and is %q", untouched, got)
	}
	var refusals struct {
		Refusals []struct{ Source, Code, Message string }
	}
	if err := json.Unmarshal(ada.wants(http.StatusOK, http.MethodGet, "/refusals", nil).Body, &refusals); err != nil {
		t.Fatal(err)
	}
	if len(refusals.Refusals) != 1 || refusals.Refusals[0].Code != "damaged" {
		t.Errorf("refusals %+v", refusals)
	}
	if out := h.must("watcher", "once", "--json"); !strings.Contains(out, `"queued":0`) {
		t.Errorf("a second pass: %s", out)
	}
}

// A wrong password and a server that is away are said everywhere, and mended
// without a restart.
func TestFaultsAreSaidAndMendThemselves(t *testing.T) {
	t.Parallel()
	mail := private.Dovecot(t, private.DovecotOptions{})
	h := newHelpdesk(t, mailboxAt(mail.URL("help", "INBOX"), ""))
	mail.Stop()
	h.start("inviter", h.answers("/readyz", http.StatusServiceUnavailable), "serve")
	ada := h.technician("ada", "technician")
	eventually(t, "the source says that it fails", func() error {
		s := sources(t, ada)["mailbox:helpdesk"]
		if s.State == "ok" || s.LastError == "" || s.NextTry == "" {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
	if r := h.run("inviter", "check"); r.code != 1 || !strings.Contains(r.out+r.err, "mailbox:helpdesk") {
		t.Errorf("check: exit %d\n%s%s", r.code, r.out, r.err)
	}
	mail.Start(t)
	mailTo(t, mail, mailWith("jane@example.org", "here", invite(3, "jane").RA2()))
	ada.appear(1, "waiting")
	eventually(t, "ready", func() error { return h.answers("/readyz", http.StatusOK)(t.Context()) })
	if r := h.run("inviter", "check"); r.code != 0 {
		t.Errorf("check: exit %d\n%s%s", r.code, r.out, r.err)
	}
	r := h.runWith([]string{"HELPDESK_PASSWORD=wrong"}, "inviter", "check")
	if r.code != 1 || !strings.Contains(r.out+r.err, "password") {
		t.Errorf("check with a wrong password: exit %d\n%s%s", r.code, r.out, r.err)
	}
}

type sourceView struct {
	Name      string `json:"name"`
	State     string `json:"state"`
	Mode      string `json:"mode"`
	LastError string `json:"last_error"`
	NextTry   string `json:"next_try"`
}

func sources(t *testing.T, p *person) map[string]sourceView {
	t.Helper()
	var list struct{ Sources []sourceView }
	if err := json.Unmarshal(p.wants(http.StatusOK, http.MethodGet, "/sources", nil).Body, &list); err != nil {
		t.Fatal(err)
	}
	out := map[string]sourceView{}
	for _, s := range list.Sources {
		out[s.Name] = s
	}
	return out
}

// A share that goes away is not an empty share, and comes back by itself.
func TestShareGoneAndBack(t *testing.T) {
	t.Parallel()
	drop := filepath.Join(t.TempDir(), "support")
	if err := os.Mkdir(drop, 0o755); err != nil {
		t.Fatal(err)
	}
	h := newHelpdesk(t, shareAt(drop, ""))
	h.serve()
	ada := h.technician("ada", "technician")
	if err := os.Rename(drop, drop+".away"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "gone", func() error {
		if s := sources(t, ada)["share:support"]; s.State != "gone" {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
	if err := os.WriteFile(filepath.Join(drop+".away", "a.msrcIncident"), invite(4, "ann").RA2(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(drop+".away", drop); err != nil {
		t.Fatal(err)
	}
	ada.appear(1, "waiting")
}

// flags is what the server says of the flags of the first mail in the box,
// without what it sets by itself.
func flags(t *testing.T, s *private.Mailserver) string {
	t.Helper()
	out := strings.ReplaceAll(command(t, s, "FETCH 1 (FLAGS)"), `\Recent`, "")
	return strings.Join(strings.Fields(out), "")
}

// command says one command to the server with a client of its own.
func command(t *testing.T, s *private.Mailserver, words string) string {
	t.Helper()
	out, err := exec.Command(private.Program(t, "curl"), "-sS", "--url", "imap://"+s.Addr+"/INBOX",
		"--user", "help:secret", "-X", words).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", words, err, out)
	}
	return string(out)
}
