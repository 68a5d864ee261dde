package demo

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"inviter/carrier"
	"inviter/invitation"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// What arrives is read by the very code that will read it.
func TestSamplesAreWhatTheyShow(t *testing.T) {
	t.Parallel()
	keys := map[invitation.Key]string{}
	damaged, open, soon := 0, 0, 0
	for _, p := range append(cast(), volunteers()...) {
		found := p.read(t)
		switch {
		case p.file == "":
			if len(found.Found)+len(found.Refused) != 0 {
				t.Errorf("%s: an ordinary mail holds %+v", p.id, found)
			}
			continue
		case p.damage:
			if len(found.Found) != 0 || len(found.Refused) != 1 || found.Refused[0].Refusal.Code != invitation.Damaged {
				t.Errorf("%s: %+v, want it damaged", p.id, found)
			}
			damaged++
			continue
		case len(found.Found) != 1 || len(found.Refused) != 0:
			t.Errorf("%s: %+v, want one invitation", p.id, found)
			continue
		}
		inv := found.Found[0].Invitation
		if inv.User != p.User || inv.PasswordRequired != (p.Password != "") {
			t.Errorf("%s: read as %+v", p.id, inv)
		}
		if other := keys[inv.Key]; other != "" {
			t.Errorf("%s and %s are the same invitation", p.id, other)
		}
		keys[inv.Key] = p.id
		left := inv.Lifetime(invitation.Seen{Received: noon}, invitation.Rule{}).Expires.Sub(noon)
		if left < 3*time.Minute {
			t.Errorf("%s lives for %v", p.id, left)
		}
		if left <= 10*time.Minute {
			soon++
		}
		if !inv.PasswordRequired {
			open++
		}
	}
	if damaged != 1 || open < 1 || soon < 2 {
		t.Errorf("%d damaged, %d without password, %d soon to expire", damaged, open, soon)
	}
}

// read opens what the person sends at noon.
func (p person) read(t *testing.T) carrier.Content {
	t.Helper()
	if p.mail.Address == "" {
		return carrier.File(p.file, p.invitation(noon), carrier.DefaultLimits())
	}
	c := carrier.Mail(p.letter(noon), carrier.DefaultLimits())
	if c.Header.From != p.mail.Address || c.Header.FromName != p.mail.Name || c.Header.Subject != p.subject {
		t.Errorf("%s: header read as %+v", p.id, c.Header)
	}
	if !c.Header.Date.Equal(noon) || c.Header.MessageID == "" || c.Header.Automatic {
		t.Errorf("%s: header read as %+v", p.id, c.Header)
	}
	if first, _, _ := strings.Cut(p.text, "\n"); !strings.HasPrefix(c.Text, first) {
		t.Errorf("%s: text read as %q", p.id, c.Text)
	}
	return c
}

func TestSamplesAreTheSameAtTheSameMoment(t *testing.T) {
	t.Parallel()
	for _, p := range append(cast(), volunteers()...) {
		if !bytes.Equal(p.letter(noon), p.letter(noon)) || !bytes.Equal(p.invitation(noon), p.invitation(noon)) {
			t.Errorf("%s differs from time to time", p.id)
		}
		if bytes.Equal(p.letter(noon), p.letter(noon.Add(time.Second))) {
			t.Errorf("%s is the same a second later", p.id)
		}
	}
}

// Any mail server takes these letters.
func TestLettersKeepToTheRules(t *testing.T) {
	t.Parallel()
	for _, p := range cast() {
		for line := range strings.SplitSeq(string(p.letter(noon)), "\r\n") {
			notASCII := func(r rune) bool { return r > unicode.MaxASCII || r < ' ' && r != '\t' }
			if len(line) > 998 || strings.ContainsFunc(line, notASCII) {
				t.Errorf("%s: line %.80q", p.id, line)
			}
		}
	}
}

// The play has what a viewer shall see: all languages, a long name, one both
// ways, one user twice, something at once and something later.
func TestThePlayIsComplete(t *testing.T) {
	t.Parallel()
	people := map[string]person{}
	langs := map[string]bool{}
	longest := 0
	for _, p := range cast() {
		people[p.id] = p
		langs[p.lang] = true
		longest = max(longest, utf8.RuneCountInString(p.mail.Name))
	}
	if !langs["en"] || !langs["de"] || !langs["ar"] || longest < 100 {
		t.Errorf("languages %v, longest name %d", langs, longest)
	}
	ways := map[string]int{}
	senders := map[string]int{}
	for _, s := range steps() {
		p, known := people[s.who]
		if !known || s.share && p.folder == "" || !s.share && p.mail.Address == "" {
			t.Errorf("%s can't arrive like that", s.name())
		}
		ways[s.who]++
		senders[p.mail.Address]++
	}
	if len(ways) != len(people) || ways["priya"] != 2 || senders["jane.doe@example.org"] != 2 {
		t.Errorf("ways %v, senders %v", ways, senders)
	}
	if !slices.IsSortedFunc(steps(), func(a, b step) int { return int(a.after - b.after) }) || steps()[len(steps())-1].after < time.Minute {
		t.Error("the order of steps")
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "''", "a/b-c.d": "a/b-c.d", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "~": "'~'", "ä": "'ä'",
	} {
		if got := quote(in); got != want {
			t.Errorf("quote(%q) = %s, want %s", in, got, want)
		}
	}
}
