package templates

import (
	"strconv"
	"strings"
	"time"
)

// ChatQueue is the line, for a chat room: who waits and until when. It holds
// nothing that a user wrote but the name.
type ChatQueue struct {
	Now     time.Time
	Waiting int // how many in all
	Line    []ChatTicket
	URL     string // of the queue page
}

// ChatTicket is one who waits.
type ChatTicket struct {
	Number         int64
	User           string
	Since, Expires time.Time
}

// ChatClaim is what came of a claim from a chat room.
type ChatClaim struct {
	Now          time.Time
	Number       int64
	User         string
	Expires      time.Time
	URL          string // of the ticket's page
	Refused      string // the refusal's code, "" for none
	Who          string // whom a refusal names
	Since, Until time.Time
}

// Told is a text with foreign words in it, for a chat room.
func (l *Language) Told(key string, pairs ...string) string {
	for i := 1; i < len(pairs); i += 2 {
		pairs[i] = harmless(pairs[i])
	}
	return l.Text(key, pairs...)
}

// ChatHelp tells which commands there are.
func (l *Language) ChatHelp() string {
	return l.Text("chat.help", "queue", "`/help-queue`", "claim", "`/claim 42`", "next", "`/claim next`")
}

// ChatQueue is the line in words, a line each.
func (l *Language) ChatQueue(q ChatQueue) string {
	if q.Waiting == 0 {
		return l.Text("chat.nobody")
	}
	lines := []string{l.Count("chat.waiting", q.Waiting)}
	for _, t := range q.Line {
		lines = append(lines, l.Text("chat.line", "n", strconv.FormatInt(t.Number, 10), "user", l.somebody(t.User),
			"time", l.span(q.Now.Sub(t.Since)), "clock", l.clock(q.Now, t.Expires)))
	}
	return strings.Join(append(lines, q.URL+"/"), "\n")
}

// ChatClaim is what came of a claim, in words.
func (l *Language) ChatClaim(c ChatClaim) string {
	n := strconv.FormatInt(c.Number, 10)
	switch c.Refused {
	case "":
		return l.Text("chat.claimed", "n", n, "user", l.somebody(c.User), "clock", l.clock(c.Now, c.Expires)) + " " + c.URL
	case "taken":
		return l.Text("chat.taken", "n", n, "who", harmless(c.Who), "clock", l.clock(c.Now, c.Since))
	case "first-refusal":
		return l.Text("chat.first-refusal", "n", n, "who", harmless(c.Who), "clock", l.clock(c.Now, c.Until))
	case "ask-outside":
		return l.Text("chat.ask-outside", "n", n) + " " + c.URL
	}
	return l.Text("chat.refused", "n", n, "why", l.Text("title."+c.Refused))
}

// somebody is a user's name, harmless to a chat room.
func (l *Language) somebody(name string) string {
	if name = harmless(name); name != "" {
		return name
	}
	return l.Text("told.somebody")
}
