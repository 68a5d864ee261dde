package templates

import (
	"strconv"
	"time"
)

// QueuedMail says that the invitation arrived.
type QueuedMail struct {
	Letterhead
	Code     bool // an id of another program, not an invitation
	Place    int  // in line, the first is 1; 0 where it stands in none
	Came     time.Time
	Expires  time.Time
	Checked  bool  // a person has a look first
	Replaces int64 // the number of the invitation whose place it took
}

func (m QueuedMail) letter(*Language) letter {
	t := letter{
		head: m.Letterhead, subject: say(worded("mail.queued.subject", m.Code), "n", m.n()), title: say(worded("mail.queued.title", m.Code), "n", m.n()),
		lines: []line{m.dear(worded("mail.queued.arrived", m.Code))}, came: m.Came, until: m.Expires,
		after:  []line{say(worded("mail.queued.window", m.Code)), say("mail.never")},
		button: "mail.queued.button", there: "mail.queued.there", disown: true,
	}
	switch {
	case m.Checked:
		t.title = say("mail.queued.title.checked")
		t.lines = append(t.lines, say("mail.queued.checked"))
	case m.Place == 1:
		t.title = say("mail.queued.title.next")
	case m.Place > 1:
		t.title = say("mail.queued.title.place", "n", strconv.Itoa(m.Place))
	}
	if m.Replaces != 0 {
		t.lines = append(t.lines, say("mail.queued.replaces", "n", strconv.FormatInt(m.Replaces, 10)))
	}
	return t
}

// RefusedMail says why a mail brought nothing that can be used, or that a lead
// refused the ticket after a look; then Code is "".
type RefusedMail struct {
	Letterhead
	Code string
}

func (m RefusedMail) letter(*Language) letter {
	t := letter{head: m.Letterhead, subject: say("mail.refused.subject"), title: say("mail.refused.title")}
	if m.Code == "" {
		t.subject = say("mail.rejected.subject", "n", m.n())
		t.lines = []line{m.dear("mail.rejected.text"), say("mail.rejected.what")}
		return t
	}
	t.lines = []line{m.dear("mail.refused.arrived"), say("why." + m.Code), say("mail.refused.how"), say("mail.refused.again")}
	return t
}

// ExpiredMail says that nobody came before the invitation's end, or that it
// came after it.
type ExpiredMail struct {
	Letterhead
	Expires time.Time
	Dead    bool // when it came
}

func (m ExpiredMail) letter(l *Language) letter {
	t := letter{
		head: m.Letterhead, subject: say("mail.expired.subject", "n", m.n()), title: say("mail.expired.title"),
		lines:  []line{m.dear("mail.expired.text"), say("mail.expired.again")},
		button: "mail.expired.button", there: "mail.expired.there",
	}
	if m.Dead {
		t.lines = []line{say("mail.expired.dead", "clock", l.clock(m.At, m.Expires)), say("mail.expired.again")}
	}
	return t
}

// SupersededMail says that a newer invitation took this one's place.
type SupersededMail struct {
	Letterhead
	By int64
}

func (m SupersededMail) letter(*Language) letter {
	by := strconv.FormatInt(m.By, 10)
	return letter{
		head: m.Letterhead, subject: say("mail.superseded.subject", "n", m.n(), "by", by), title: say("mail.superseded.title", "by", by),
		lines: []line{m.dear("mail.superseded.text"), say("mail.superseded.not-you")},
	}
}

// ClaimedMail says who is coming.
type ClaimedMail struct {
	Letterhead
	Code    bool   // an id of another program, not an invitation
	Holder  string // a first name
	Words   string
	Came    time.Time
	Expires time.Time
}

func (m ClaimedMail) letter(*Language) letter {
	return letter{
		head: m.Letterhead, subject: say("mail.claimed.subject", "who", m.Holder, "n", m.n()), title: say("mail.claimed.title", "who", m.Holder),
		lines: []line{say(worded("mail.claimed.text", m.Code), "who", m.Holder)}, holder: m.Holder, words: m.Words, came: m.Came, until: m.Expires,
		after:  []line{say(worded("mail.claimed.password", m.Code), "who", m.Holder), say("mail.never")},
		button: "mail.claimed.button", there: "mail.claimed.there", disown: true,
	}
}

// ClosedMail says how it ended.
type ClosedMail struct {
	Letterhead
	Holder  string
	Outcome string // as the technician noted it
}

func (m ClosedMail) letter(*Language) letter {
	return letter{
		head: m.Letterhead, subject: say("mail.closed.subject", "n", m.n()), title: say("mail.closed.title"),
		lines:  []line{say("mail.closed.text."+m.Outcome, "who", m.Holder), say("mail.closed.wiped")},
		button: "mail.closed.button", there: "mail.closed.there",
	}
}

// worded is a text's key; where the user sent an id of another program, what
// speaks of an invitation or a window of Windows has other words.
func worded(key string, code bool) string {
	if !code {
		return key
	}
	switch key {
	case "mail.queued.subject", "mail.queued.title", "mail.queued.arrived", "mail.queued.window", "mail.claimed.text", "mail.claimed.password", "receipt.window", "receipt.claimed.password", "receipt.connected.next":
		return key + ".code"
	}
	return key
}
