package templates

import (
	"strconv"
	"strings"
	"time"
)

// Told is what a chat room is told, in one line.
type Told struct {
	Kind    string // the event
	Number  int64
	User    string
	Holder  string
	Source  string
	Error   string
	URL     string
	Expires time.Time
	At      time.Time
}

// Tell is the line, with an address of ours to go on from.
func (l *Language) Tell(t Told) string {
	user := harmless(t.User)
	if user == "" {
		user = l.Text("told.somebody")
	}
	text := l.Text("told."+t.Kind, "n", strconv.FormatInt(t.Number, 10), "user", user, "who", harmless(t.Holder),
		"source", harmless(t.Source), "clock", l.clock(t.At, t.Expires), "why", harmless(t.Error))
	return text + " " + t.URL
}

// harmless keeps foreign words from calling everybody in a chat room, from
// looking like a link, and from making lines of their own.
func harmless(s string) string {
	const most = 120
	s = oneLine(visible(s))
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	s = strings.NewReplacer("<", "‹", ">", "›", "[", "(", "]", ")", "`", "'", "*", "∗", "://", ": //", "www.", "www ").Replace(s)
	words := strings.Split(s, " ")
	for i, w := range words {
		if at := strings.TrimLeft(w, "\"'(‹"); strings.HasPrefix(at, "@") || strings.HasPrefix(at, "!") || strings.HasPrefix(at, "#") {
			words[i] = strings.Replace(w, at[:1], "·", 1)
		}
	}
	return strings.Join(words, " ")
}
