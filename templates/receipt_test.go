package templates_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// everyNews is a ticket in each way that users hear of.
func everyNews() map[string]ticket.News {
	at := time.Date(2026, 11, 28, 14, 0, 0, 0, time.UTC)
	base := ticket.News{Ticket: 42, State: ticket.Waiting, QueuedAt: at, Expires: at.Add(6 * time.Hour), Secret: "abc234"}
	with := func(change func(*ticket.News)) ticket.News {
		n := base
		change(&n)
		if n.State.Ended() {
			n.EndedAt = at.Add(time.Hour)
		}
		return n
	}
	all := map[string]ticket.News{
		"waiting":     base,
		"back":        with(func(n *ticket.News) { n.Claims = 1 }),
		"quarantined": with(func(n *ticket.News) { n.State = ticket.Quarantined }),
		"claimed":     with(func(n *ticket.News) { n.State, n.Holder, n.Claims = ticket.Claimed, "ada.lovelace", 1 }),
		"connected":   with(func(n *ticket.News) { n.State, n.Holder, n.Connected = ticket.Claimed, "ada.lovelace", true }),
		"withdrawn":   with(func(n *ticket.News) { n.State = ticket.Withdrawn }),
		"expired":     with(func(n *ticket.News) { n.State = ticket.Expired }),
		"dead":        with(func(n *ticket.News) { n.State, n.Expires = ticket.Expired, at.Add(-time.Hour) }),
		"superseded":  with(func(n *ticket.News) { n.State, n.NewerOne = ticket.Superseded, 43 }),
		"refused":     with(func(n *ticket.News) { n.State = ticket.Refused }),
		"purged":      {Ticket: 42},
	}
	for _, kind := range []string{"waiting", "claimed", "connected"} {
		code := all[kind]
		code.Kind = ticket.Code
		all["code "+kind] = code
	}
	for _, end := range ticket.Ends() {
		all["closed "+string(end)] = with(func(n *ticket.News) { n.State, n.Outcome = ticket.Closed, end })
	}
	return all
}

// Every receipt in every language says the number first, has all its words,
// and looks well in Notepad.
func TestReceiptsOfEveryKind(t *testing.T) {
	t.Parallel()
	unfilled := regexp.MustCompile(`\{\w+\}|receipt\.|%!`)
	first := regexp.MustCompile(`^\pL+ 42: \pL`)
	for _, tag := range templates.Languages() {
		r, err := templates.NewReceipts(time.UTC, tag, "https://help.example.org/")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]string{}
		for kind, n := range everyNews() {
			text := r.Text([]ticket.News{n})
			if unfilled.MatchString(text) || !first.MatchString(text) || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") {
				t.Errorf("%s %s: %q", tag, kind, text)
			}
			if other, twice := seen[text]; twice {
				t.Errorf("%s: %s reads like %s", tag, kind, other)
			}
			seen[text] = kind
			open := n.State != "" && !n.State.Ended()
			if link := strings.Contains(text, "https://help.example.org/t/abc234"); link != (n.Secret != "") {
				t.Errorf("%s %s: link to the status page: %t", tag, kind, link)
			}
			if until := strings.Contains(text, "20:00"); open && !until {
				t.Errorf("%s %s: no deadline in %q", tag, kind, text)
			}
		}
	}
}

func TestReceiptsSayWhatUsersNeed(t *testing.T) {
	t.Parallel()
	r, err := templates.NewReceipts(time.UTC, "en", "https://help.example.org")
	if err != nil {
		t.Fatal(err)
	}
	all := everyNews()
	for kind, want := range map[string][]string{
		"waiting":    {"Ticket 42: in line", "Saturday 28 November 2026, 20:00 UTC", "keep the Remote Assistance window open", "delete this file", "None of us ever asks for your own password"},
		"back":       {"in line again"},
		"claimed":    {"claimed by Ada", "calls you now", "keep the Remote Assistance window open"},
		"connected":  {"Ada is connected"},
		"expired":    {"Ticket 42: expired", "make a new invitation"},
		"superseded": {"superseded by ticket 43"},
		"withdrawn":  {"Ticket 42: withdrawn", "make a new invitation"},
	} {
		text := r.Text([]ticket.News{all[kind]})
		for _, words := range want {
			if !strings.Contains(text, words) {
				t.Errorf("%s lacks %q:\n%s", kind, words, text)
			}
		}
	}
	for _, kind := range []string{"code waiting", "code claimed", "code connected"} {
		if text := r.Text([]ticket.News{all[kind]}); strings.Contains(text, "Remote Assistance") || !strings.Contains(text, "program whose id you sent") && !strings.Contains(text, "program open whose id you sent") {
			t.Errorf("%s speaks of another program: %s", kind, text)
		}
	}
	for _, over := range []string{"expired", "withdrawn", "superseded", "refused", "closed solved"} {
		if text := r.Text([]ticket.News{all[over]}); strings.Contains(text, "delete this file") || strings.Contains(text, "window open") {
			t.Errorf("%s still asks for something: %s", over, text)
		}
	}
}

// An archive of many invitations has one receipt, of a size that can be read.
func TestAReceiptOfManyTickets(t *testing.T) {
	t.Parallel()
	r, err := templates.NewReceipts(time.UTC, "de", "")
	if err != nil {
		t.Fatal(err)
	}
	var news []ticket.News
	for i := range 500 {
		n := everyNews()["claimed"]
		n.Ticket = ticket.ID(i + 1)
		news = append(news, n)
	}
	text := r.Text(news)
	if len(text) > 16<<10 || !strings.Contains(text, "Anfrage 20: ") || !strings.Contains(text, "480 weitere Anfragen") || strings.Contains(text, "/t/") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
	if _, err := templates.NewReceipts(time.UTC, "xx", ""); err == nil {
		t.Error("a language that there isn't")
	}
}
