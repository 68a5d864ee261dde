package carrier

import (
	"net/mail"
	"strings"
	"time"

	"inviter/invitation"
)

// Header is what a mail says of itself. Nothing of it is proven; names and
// subject are cleaned for display.
type Header struct {
	From      string // address alone
	FromName  string
	ReplyTo   string // address alone, "" where answers go to From
	Subject   string // passwords masked
	MessageID string // without the angle brackets
	Date      time.Time
	Received  time.Time // when the last server on the way took it; zero if it doesn't say
	First     time.Time // when the first one did
	Automatic bool      // sent by a program or to a list: never to be answered
	Instance  string    // X-Inviter-Instance: which of us sent it
	Language  string    // Content-Language, else the language of the sender's program: "de"; "" where neither is said

	// OneFrom is true of a mail that names one author, in one From field as the
	// standard wants it: then everybody who reads it sees the same one.
	OneFrom bool
	// Trace has the fields that servers put on top, the newest first. Only what
	// one's own servers wrote is worth anything.
	Trace []Trace
}

// Trace is one such field as it stands.
type Trace struct {
	Results bool // Authentication-Results (RFC 8601), else Received
	Value   string
}

// Skew is how far the sender's clock was behind when the first server took the
// mail, 0 where the header doesn't tell.
func (h Header) Skew() time.Duration {
	if h.First.IsZero() || h.Date.IsZero() {
		return 0
	}
	return h.First.Sub(h.Date)
}

// Bounds of what is read of one header.
const (
	maxTrace    = 30  // own servers are the first few
	maxReceived = 100 // servers stop a mail that has more (RFC 5321 6.3)
)

func readHeader(f fields) Header {
	var h Header
	var sender, accepts string
	hops, froms := 0, 0
	f.each(func(name, value string) bool {
		switch strings.ToLower(name) {
		case "from":
			if froms++; h.From == "" {
				h.From, h.FromName = address(value)
			}
			h.OneFrom = froms == 1 && single(value)
		case "sender":
			sender, _ = address(value)
		case "reply-to":
			h.ReplyTo, _ = address(value)
		case "subject":
			h.Subject = invitation.Clean(words(value))
		case "message-id":
			h.MessageID = invitation.Clean(strings.Trim(value, "<> "))
		case "date":
			h.Date = date(value)
		case "received":
			if hops++; hops <= maxReceived {
				h.received(value)
			}
			h.trace(Trace{Value: value})
		case "content-language":
			h.Language = language(value)
		case "accept-language": // Outlook's, of the program's own language
			accepts = language(value)
		case "x-inviter-instance":
			h.Instance = invitation.Clean(value)
		case "authentication-results":
			h.trace(Trace{Results: true, Value: value})
		default:
			h.Automatic = h.Automatic || automatic(strings.ToLower(name), strings.ToLower(value))
		}
		return true
	})
	if h.From == "" {
		h.From = sender
	}
	if h.Language == "" {
		h.Language = accepts
	}
	h.Automatic = h.Automatic || robot(h.From)
	return h
}

func (h *Header) trace(t Trace) {
	if len(h.Trace) < maxTrace {
		h.Trace = append(h.Trace, t)
	}
}

// single tells whether an address field has one address, written as it should be.
func single(value string) bool {
	p := mail.AddressParser{WordDecoder: wordDecoder()}
	list, err := p.ParseList(value)
	return err == nil && len(list) == 1
}

// received notes one trace field: servers put theirs on top, so the first is
// the newest (RFC 5321 section 4.4).
func (h *Header) received(value string) {
	i := strings.LastIndexByte(value, ';')
	if i < 0 {
		return
	}
	at := date(value[i+1:])
	if at.IsZero() {
		return
	}
	if h.Received.IsZero() {
		h.Received = at
	}
	h.First = at
}

// automatic tells by one field whether a mail was sent by a program or to a
// list (RFC 3834 section 2, RFC 2369, and what vendors write).
func automatic(name, value string) bool {
	if strings.HasPrefix(name, "list-") {
		return true
	}
	switch name {
	case "auto-submitted":
		return token(value) != "no"
	case "precedence":
		p := token(value)
		return p == "bulk" || p == "list" || p == "junk" || p == "auto_reply"
	case "return-path":
		return strings.TrimSpace(value) == "<>"
	case "content-type":
		typ, _ := readParams(value)
		return typ == "multipart/report"
	case "x-autoreply", "x-autorespond", "feedback-id":
		return true
	case "x-auto-response-suppress": // MS-OXCMAIL 2.1.3.2.20; receipts are no concern of ours
		return strings.Contains(value, "all") || strings.Contains(value, "oof") || strings.Contains(value, "autoreply")
	}
	return false
}

// robot tells by the address whether nobody reads answers.
func robot(from string) bool {
	name, _, _ := strings.Cut(strings.ToLower(from), "@")
	switch name {
	case "mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply":
		return true
	}
	return false
}

// address takes the first address and its name out of an address field. Where
// the field is malformed, what stands in angle brackets or has an "@" counts.
func address(value string) (addr, name string) {
	p := mail.AddressParser{WordDecoder: wordDecoder()}
	if list, err := p.ParseList(value); err == nil && len(list) > 0 {
		return invitation.Clean(list[0].Address), invitation.Clean(list[0].Name)
	}
	if i := strings.LastIndexByte(value, '<'); i >= 0 {
		addr, _, _ = strings.Cut(value[i+1:], ">")
		if strings.Contains(addr, "@") {
			return invitation.Clean(addr), invitation.Clean(strings.Trim(words(value[:i]), `" `))
		}
	}
	for _, w := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" ,;<>\"()\t", r) }) {
		if strings.Contains(w, "@") {
			return invitation.Clean(w), ""
		}
	}
	return "", ""
}

// date reads a mail's date; zero where it can't be read.
func date(v string) time.Time {
	v = strings.TrimSpace(v)
	if t, err := mail.ParseDate(v); err == nil {
		return t.UTC()
	}
	for _, layout := range []string{time.RFC1123Z, time.RFC1123, time.RFC850, time.ANSIC, time.RFC3339, "Mon, 2 Jan 2006 15:04:05"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
