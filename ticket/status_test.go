package ticket_test

import (
	"strings"
	"testing"

	"inviter/ticket"
)

func TestCheckWordsAreTwoAndTellApart(t *testing.T) {
	t.Parallel()
	first := map[string]bool{}
	for n := range 128 {
		words := strings.Fields(ticket.CheckWords(byte(n), byte(127-n)))
		if len(words) != 2 || words[1] != strings.Fields(ticket.CheckWords(byte(127-n), 0))[0] {
			t.Errorf("%d: %q", n, words)
		}
		if first[words[0]] {
			t.Errorf("%q stands twice in the list", words[0])
		}
		first[words[0]] = true
		for _, r := range words[0] {
			if r < 'a' || r > 'z' {
				t.Errorf("%q is no plain word", words[0])
			}
		}
	}
}

func TestStatusLink(t *testing.T) {
	t.Parallel()
	if got := (ticket.Status{Secret: "abc"}).Link("https://help.example.org/desk/"); got != "https://help.example.org/desk/t/abc" {
		t.Error(got)
	}
}
