package templates_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/templates"
)

func TestEveryKeyInEveryLanguage(t *testing.T) {
	t.Parallel()
	english := texts(t, "en")
	for _, tag := range templates.Languages() {
		other := texts(t, tag)
		for key, forms := range english {
			theirs, ok := other[key]
			if !ok {
				t.Errorf("%s lacks %s", tag, key)
				continue
			}
			if theirs[1] == "" || (forms[0] == "") != (theirs[0] == "") {
				t.Errorf("%s %s: %q against %q", tag, key, theirs, forms)
			}
			if a, b := placeholders(forms), placeholders(theirs); !slices.Equal(a, b) {
				t.Errorf("%s %s has placeholders %v, English %v", tag, key, b, a)
			}
			if strings.Count(theirs[1], "*")%2 != 0 {
				t.Errorf("%s %s: a * has no pair", tag, key)
			}
		}
		for key := range other {
			if _, ok := english[key]; !ok {
				t.Errorf("%s has %s, English has not", tag, key)
			}
		}
	}
}

// TestNoEnglishLeftInGerman lists what is the same on purpose.
func TestNoEnglishLeftInGerman(t *testing.T) {
	t.Parallel()
	same := []string{"Name", "Format", "{clock}", "{id}"}
	english, german := texts(t, "en"), texts(t, "de")
	letters := regexp.MustCompile(`[A-Za-z]{4,}`)
	for key, forms := range german {
		text := forms[1]
		plain := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(text, "")
		if text == english[key][1] && letters.MatchString(plain) && !slices.Contains(same, text) && !strings.Contains(key, "month.") {
			t.Errorf("%s is the same in both: %q", key, text)
		}
		for _, word := range []string{" the ", "ticket", "Ticket", "claim", "queue", "please"} {
			if strings.Contains(" "+plain+" ", word) {
				t.Errorf("%s has the English %q: %q", key, word, text)
			}
		}
	}
}

// TestNotesAvoid holds the texts to the designer's list of what to avoid.
func TestTextsAvoid(t *testing.T) {
	t.Parallel()
	for _, tag := range templates.Languages() {
		for key, forms := range texts(t, tag) {
			for _, text := range forms {
				if strings.Contains(text, "!") || strings.Contains(strings.ToLower(text), "oops") || strings.ContainsAny(text, "<>&") {
					t.Errorf("%s %s: %q", tag, key, text)
				}
				if regexp.MustCompile(`(?i)\b(his|her|he|she|ihm)\b`).MatchString(text) {
					t.Errorf("%s %s has a gendered pronoun: %q", tag, key, text)
				}
			}
		}
	}
}

func texts(t *testing.T, tag string) map[string][]string {
	t.Helper()
	all, err := templates.Texts(tag)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func placeholders(forms []string) []string {
	found := regexp.MustCompile(`\{\w+\}`).FindAllString(strings.Join(forms, " "), -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ standard, chosen, accept, want string }{
		{"en", "", "", "en"},
		{"de", "", "", "de"},
		{"en", "", "de-AT,de;q=0.9,en;q=0.8", "de"},
		{"en", "", "fr-FR,fr;q=0.9", "en"},
		{"de", "", "fr-FR", "de"},
		{"en", "de", "en-US", "de"},
		{"en", "../de", "en", "en"},
		{"en", "", strings.Repeat("de,", 100_000), "de"},
		{"en", "", "\x00\xff;;;q=", "en"},
	} {
		if got := set(t, c.standard).Match(c.chosen, c.accept).Tag(); got != c.want {
			t.Errorf("Match(%q, %.40q) with standard %s = %s, want %s", c.chosen, c.accept, c.standard, got, c.want)
		}
	}
	if _, err := templates.New(time.UTC, "tlh"); err == nil {
		t.Error("a language that isn't there was taken")
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	en, de := language(t, "en"), language(t, "de")
	for _, c := range []struct{ got, want string }{
		{en.Text("page.ticket", "id", "7", "name", "{id} {name}"), "Ticket 7, {id} {name}"},
		{en.Count("head.waiting", 1), "1 waiting"},
		{de.Count("head.waiting", 1), "1 wartet"},
		{de.Count("head.waiting", 0), "0 warten"},
		{de.Count("page.queue", 2), "2 warten – Warteliste"},
		{en.Text("no.such.key"), "no.such.key"},
		{en.Size(512), "512 B"},
		{en.Size(6246), "6.1 KB"},
		{de.Size(6246), "6,1 KB"},
		{string(en.Rich("holder.since", "who", templates.Bdi("<*>"), "time", "1 min")), "<b><bdi>&lt;*&gt;</bdi></b>, 1 min"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	if !en.Has("claim") || en.Has("no.such.key") {
		t.Error("Has is wrong")
	}
}

func set(t *testing.T, standard string) *templates.Set {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s, err := templates.New(zone, standard)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func language(t *testing.T, tag string) *templates.Language {
	t.Helper()
	return set(t, tag).Match(tag, "")
}
