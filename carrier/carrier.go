// Package carrier opens what invitations travel in, mails above all, and finds
// the invitations inside. It takes any input: bytes, parts, depth and work are
// bounded, and where a bound is reached, what was found before it counts and
// the rest is one refusal.
//
// It walks mails over their raw bytes, by RFC 5322 and 2045 to 2047 where the
// sender kept to them and leniently where not: a malformed header line or a
// missing boundary must not lose an invitation. Nothing decides by declared
// type, disposition or name alone; contents do.
package carrier

import (
	"crypto/sha256"

	"inviter/invitation"
)

// Limits bound one input.
type Limits struct {
	Mail       int // bytes of a mail or archive that are examined
	Invitation int // bytes of one invitation
	Depth      int // parts within parts, forwards included
	Parts      int // parts of one mail, all depths together
}

// DefaultLimits are those of INTERFACE.md section 2. They are also the highest.
func DefaultLimits() Limits {
	return Limits{Mail: 5 << 20, Invitation: invitation.MaxSize, Depth: 20, Parts: 500}
}

// Bounds that no configuration moves.
const (
	maxHeaders = 1 << 20  // bytes of all headers of one mail
	maxText    = 2000     // characters of Content.Text
	maxField   = 16 << 10 // bytes of one header field that are read
	maxLook    = 64 << 10 // bytes of a text looked at for other things than invitations
)

// Content is what was found in one input.
type Content struct {
	Found   []Found   // each invitation once, whatever number of copies there are
	Refused []Refused // what is named or shaped like an invitation and can't be used
	Ignored int       // everything else that was looked at

	Header Header // of the outermost mail; empty for a file
	Inner  Header // of the innermost mail around the first found invitation, if that is another one
	Text   string // what the user wrote: bounded, cleaned, passwords masked, lines kept
	Wrote  string // the language of that, where it is plain: "de", "en"; else ""

	Passwords int    // written passwords that were masked, in text, subject and names
	Codes     []Code // ids and links of other products in subject and text
}

// Found is one invitation and where it was: "2/invite.zip/a.msrcIncident".
type Found struct {
	Path string
	invitation.Invitation
}

// Refused is why something at Path can't be used.
type Refused struct {
	Path    string
	Refusal *invitation.Refusal
	Sum     [sha256.Size]byte // of what was refused, unpacked and decoded, ends of lines aside; zero where it was not looked at

	// Plain is true where nothing tells that it was to be an invitation: a bound
	// was reached, or an archive can't be opened in which no name says so.
	Plain bool
}

// Leaf is one part of a mail that was cut out elsewhere, by an IMAP server.
// Body is as it came, still in its transfer encoding. Of a part that is too
// large to fetch, Body is nil and Size says how large it is.
type Leaf struct {
	Path     string // as IMAP numbers it, "2.1"
	Type     string // "text/plain", in any case
	Charset  string
	Encoding string // Content-Transfer-Encoding
	Name     string // file name, decoded or not
	Size     int    // bytes as encoded, where Body is nil
	Body     []byte
}

// Mail reads a whole mail (RFC 5322).
func Mail(b []byte, l Limits) Content {
	o := opener{limits: l.within()}
	o.mail("", b, place{})
	return o.result()
}

// File reads a file as it lay on a share or was uploaded: an invitation, or
// anything that may hold one. The name is for display and for what is named
// like an invitation; it is never used as a path.
func File(name string, b []byte, l Limits) Content {
	o := opener{limits: l.within()}
	o.file(baseName(name), b)
	return o.result()
}

// Assemble reads a mail of which only the header and some leaves were fetched.
func Assemble(header []byte, leaves []Leaf, l Limits) Content {
	o := opener{limits: l.within(), mails: 1}
	o.content.Header = readHeader(header)
	o.header = &o.content.Header
	for _, leaf := range leaves {
		o.assembled(leaf)
	}
	return o.result()
}

// Wanted tells whether a leaf of this type, name and encoded size is worth
// fetching: large ones are only if they could hold something.
func Wanted(typ, name string, size int, l Limits) bool {
	l = l.within()
	return size <= l.Invitation*2 || size <= l.Mail && (opens(typ, name) || isText(typ))
}

func (l Limits) within() Limits {
	d := DefaultLimits()
	down := func(n, most int) int {
		if n <= 0 || n > most {
			return most
		}
		return n
	}
	return Limits{down(l.Mail, d.Mail), down(l.Invitation, d.Invitation), down(l.Depth, d.Depth), down(l.Parts, d.Parts)}
}
