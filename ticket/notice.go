package ticket

import (
	"slices"
	"time"

	"inviter/invitation"
)

// NoticeKind is what a notice says.
type NoticeKind string

// Kinds of notices. The first six are answers to users by mail.
const (
	NoticeQueued     NoticeKind = "queued"
	NoticeRefused    NoticeKind = "refused"
	NoticeExpired    NoticeKind = "expired"
	NoticeSuperseded NoticeKind = "superseded"
	NoticeClaimed    NoticeKind = "claimed"
	NoticeClosed     NoticeKind = "closed"

	NoticeDisowned   NoticeKind = "disowned"
	NoticeStillHelp  NoticeKind = "still-needs-help" // said after a close
	NoticeSourceDown NoticeKind = "source-down"
	NoticeSourceUp   NoticeKind = "source-up"
)

// MailKinds lists what users can be told by mail.
func MailKinds() []NoticeKind {
	return []NoticeKind{NoticeQueued, NoticeRefused, NoticeExpired, NoticeSuperseded, NoticeClaimed, NoticeClosed}
}

// HookKinds lists what other systems can be told.
func HookKinds() []NoticeKind {
	return []NoticeKind{NoticeQueued, NoticeClaimed, NoticeExpired, NoticeDisowned, NoticeStillHelp, NoticeSourceDown, NoticeSourceUp}
}

// Channel is a way on which notices are sent. Each is emptied by itself, so that
// a mail server that hangs delays no webhook.
type Channel string

// Channels.
const (
	ByMail Channel = "mail"
	ByHook Channel = "hook"
)

// Outgoing is which notices are to be sent.
type Outgoing struct {
	Mail   []NoticeKind // none: no mail is sent
	Domain string       // of our mails' Message-IDs
	Hooks  []Hook
}

// Hook is one webhook, by a name that tells nothing of its address.
type Hook struct {
	Name  string
	Kinds []NoticeKind
}

// Mails tells whether users are told k by mail.
func (o Outgoing) Mails(k NoticeKind) bool { return slices.Contains(o.Mail, k) }

// Notice is one row of the outbox: a mail or a call of a webhook, which is sent
// after the transaction that caused it, once. It carries all that it says as it
// was at that moment, so that however often it is tried it says the same.
type Notice struct {
	ID     int64
	Kind   NoticeKind
	Ticket ID     // 0 for none
	Hook   string // the webhook's name, "" for a mail
	Cause  string // what it is about, unique
	At     time.Time
	Tries  int // with this one
	Facts  Facts
	Reply  Reply // of a mail: whom it answers

	Status    Status // of the ticket, derived anew
	MessageID string // ours, always the same for the same cause
	Instance  string // whose queue this is, as mails and webhooks name it
}

// Facts are what a notice says, as it was when its cause happened.
type Facts struct {
	User         string          `json:"user,omitempty"`
	State        State           `json:"state,omitempty"`
	Kind         Kind            `json:"kind,omitempty"`
	QueuedAt     time.Time       `json:"queued_at,omitzero"`
	Expires      time.Time       `json:"expires,omitzero"`
	Place        int             `json:"place,omitempty"` // in line, the first is 1; 0 where it is in none or far behind
	Holder       string          `json:"holder,omitempty"`
	Outcome      End             `json:"outcome,omitempty"`
	Claims       int             `json:"claims,omitempty"`
	Supersedes   ID              `json:"supersedes,omitempty"`
	SupersededBy ID              `json:"superseded_by,omitempty"`
	Code         invitation.Code `json:"code,omitempty"`   // of a refusal
	Item         string          `json:"item,omitempty"`   // the file it was about, where it has a name
	Source       string          `json:"source,omitempty"` // the source that is down or up, or that it came by
	Error        string          `json:"error,omitempty"`  // why the source is down
}

// Fate is what became of one try to send a notice.
type Fate struct {
	Sent  bool
	Never bool   // it can't be sent at all: trying again changes nothing
	Error string // in words for people; "" when sent
}

// OutboxState is how sending goes.
type OutboxState struct {
	Pending   int       // waiting to be sent, or to be tried again
	Trying    int       // of these, tried at least twice without success
	Since     time.Time // when the oldest of those tried twice was written
	LastError string    // of the latest failure among these
	Lost      int       // given up within the last day
	Failing   bool      // the latest that was done with was given up
}

// When what is tried again is worth a person's look: some servers take no
// stranger's first mail, and that is well a few minutes later.
const (
	manyTrying = 3
	longTrying = 10 * time.Minute
)

// Stuck tells whether somebody should look after the sending.
func (s OutboxState) Stuck(now time.Time) bool {
	return s.Failing || s.Trying >= manyTrying || s.Trying > 0 && now.Sub(s.Since) > longTrying
}

// noticeOf is what an event of a ticket gives cause to say; "" for nothing.
// ended is whether the ticket has ended by the time it is stored.
func noticeOf(k EventKind, ended bool) NoticeKind {
	switch k {
	case EventSubmitted:
		if !ended { // else its end says it
			return NoticeQueued
		}
	case EventRefused:
		return NoticeRefused
	case EventExpired:
		return NoticeExpired
	case EventSuperseded:
		return NoticeSuperseded
	case EventClaimed:
		return NoticeClaimed
	case EventClosed:
		return NoticeClosed
	case EventDisowned:
		return NoticeDisowned
	}
	return ""
}

// Notice is what the event gives cause to say about t; "" for nothing. An
// invitation that comes once more is answered like the first one: where that
// was answered already, its notice is there.
func (e Event) Notice(t *Ticket) NoticeKind {
	if e.Kind == EventTold && e.Other == StillHelp {
		return NoticeStillHelp
	}
	if e.Kind == EventRepeated {
		return noticeOf(EventSubmitted, t.State.Ended())
	}
	return noticeOf(e.Kind, t.State.Ended())
}

// FactsOf are a ticket's facts for a notice, without its place in line.
func FactsOf(t *Ticket) Facts {
	f := Facts{
		User: t.User.Name, Kind: t.Kind, State: t.State, QueuedAt: t.QueuedAt, Expires: t.Expires, Claims: t.Claims,
		Outcome: t.Outcome, Supersedes: t.Supersedes, SupersededBy: t.SupersededBy,
	}
	if f.User == "" {
		f.User = t.User.Address
	}
	if t.Claim != nil {
		f.Holder = t.Claim.Holder
	}
	if len(t.Deliveries) > 0 {
		f.Source = t.Deliveries[0].Source
	}
	return f
}
