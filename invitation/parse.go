package invitation

import (
	"bytes"
	"strconv"
	"time"
)

// Parse reads one invitation file of any of the three shapes. File is the input
// byte for byte where it arrived whole. What follows the root element (a mail's
// footer) is left out unless it is blank, blank lines before an XML declaration
// are, and a file that was wrapped on its way is mended, so that a technician's
// PC can open it. The error is a *Refusal.
func Parse(file []byte) (Invitation, error) {
	inv, r := parse(file)
	if r != nil {
		return Invitation{}, r
	}
	return inv, nil
}

func parse(file []byte) (Invitation, *Refusal) {
	if len(file) > MaxSize {
		return Invitation{}, &Refusal{TooLarge, "The file is too large for an invitation."}
	}
	t := decode(file)
	inv, d, r := t.invitation()
	if r == nil && len(d.broken) == 0 {
		inv.File = t.cut(file, d.end)
		return inv, nil
	}
	for _, whole := range t.unwrapped(file, r) {
		again, w, bad := whole.invitation()
		if bad == nil && (r != nil || again.Key == inv.Key && len(w.broken) == 0) {
			again.File = w.mend(whole)
			return again, nil
		}
	}
	if r == nil { // the text can't be rejoined, but its values can
		inv.File = d.mend(t)
		return inv, nil
	}
	return Invitation{}, r
}

// document is what the XML of one file says, before it is judged. Values are
// as written; nil is an attribute that isn't there.
type document struct {
	root       string // "UPLOADINFO" or "E"
	start, end int    // of the root element in the text; the end after blanks that may follow

	user, rcTicket, lhTicket, encrypted, stub, from, length []byte

	broken []attribute // those with white space in them that can have none, in the order of the text
	bare   list        // of a root E: its listeners
}

// invitation reads a text and judges what it says.
func (t text) invitation() (Invitation, document, *Refusal) {
	d, r := t.read()
	if r != nil {
		return Invitation{}, d, r
	}
	inv, r := d.invitation()
	return inv, d, r
}

// read takes a file apart. It judges form only.
func (t text) read() (document, *Refusal) {
	var room [16]attribute
	s := scanner{text: t.utf8, attributes: room[:0]}
	if len(bytes.Trim(t.utf8, " \t\r\n\x00\x1a")) == 0 {
		return document{}, errOther
	}
	ok, r := s.next()
	if r != nil || !ok {
		return document{}, s.before(r)
	}
	d := document{root: string(s.name), start: s.began}
	switch d.root {
	case "UPLOADINFO":
		r = d.upload(&s)
	case "E":
		d.bare, r = listeners(&s)
		d.broken = d.bare.broken
	default:
		return document{}, s.foreign()
	}
	if r != nil {
		return document{}, r
	}
	d.end, r = tail(t.utf8, s.at)
	return d, r
}

// before judges a file whose root couldn't be read.
func (s *scanner) before(r *Refusal) *Refusal {
	switch {
	case s.name != nil && string(s.name) != "UPLOADINFO" && string(s.name) != "E":
		return s.foreign()
	case r == errForbidden && !likely(s.text[s.at:]), r == errCut && s.name == nil && !begun(s.text):
		return errOther
	}
	return r
}

// foreign judges a root that isn't ours: HTML, another XML, or a name cut short.
func (s *scanner) foreign() *Refusal {
	if s.at == len(s.text) && bytes.HasPrefix([]byte("UPLOADINFO"), s.name) {
		return errCut
	}
	return errOther
}

// begun tells whether a text is nothing but the beginning of an XML file.
func begun(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return bytes.HasPrefix(text, []byte("<?xml")) || string(text) == "<"
}

// likely tells whether a text with a declaration pretends to be an invitation.
// A web page isn't one, even if it quotes one.
func likely(text []byte) bool {
	const page = "<!DOCTYPE HTML"
	if len(text) >= len(page) && bytes.EqualFold(text[:len(page)], []byte(page)) {
		return false
	}
	return bytes.Contains(text, []byte("UPLOADINFO")) || bytes.Contains(text, []byte("<E>"))
}

// tail judges what stands behind the root and returns where the file ends.
// Blanks, NUL and Ctrl-Z are kept, so that an undamaged file stays byte for byte.
func tail(text []byte, at int) (int, *Refusal) {
	rest := bytes.Trim(text[at:], " \t\r\n\x00\x1a")
	switch {
	case len(rest) == 0:
		return len(text), nil
	case bytes.Contains(rest, []byte("<UPLOADINFO")):
		return 0, &Refusal{Contradictory, "Contradictory contents: two invitations in one file."}
	}
	return at, nil
}

// upload reads the children of UPLOADINFO: exactly one UPLOADDATA holds
// everything, in its attributes ([MS-RAI] 6). Unknown ones are ignored.
func (d *document) upload(s *scanner) *Refusal {
	if string(unescape(s.value("TYPE"))) != "Escalated" {
		return &Refusal{Contradictory, "Contradictory contents: TYPE is not Escalated."}
	}
	found := false
	for {
		ok, r := s.next()
		if r != nil || !ok {
			return r
		}
		if string(s.name) != "UPLOADDATA" {
			continue
		}
		if found || s.depth != 2 {
			return &Refusal{Contradictory, "Contradictory contents: more than one UPLOADDATA."}
		}
		found = true
		d.take(s.attributes)
	}
}

func (d *document) take(attributes []attribute) {
	for _, a := range attributes {
		if torn(a) {
			d.broken = append(d.broken, a)
		}
		switch string(a.name) {
		case "USERNAME":
			d.user = a.value
		case "RCTICKET":
			d.rcTicket = a.value
		case "LHTICKET":
			d.lhTicket = a.value
		case "RCTICKETENCRYPTED":
			d.encrypted = a.value
		case "PassStub":
			d.stub = a.value
		case "DtStart":
			d.from = a.value
		case "DtLength":
			d.length = a.value
		}
	}
}

// value is an attribute of the current element as written, nil if it has none.
func (s *scanner) value(name string) []byte {
	for _, a := range s.attributes {
		if string(a.name) == name {
			return a.value
		}
	}
	return nil
}

// invitation judges what the document says.
func (d *document) invitation() (Invitation, *Refusal) {
	if d.root == "E" {
		return d.bare.invitation()
	}
	inv := Invitation{User: Clean(string(unescape(d.user)))}
	if r := d.ticket(&inv); r != nil {
		return inv, r
	}
	if r := d.dates(&inv); r != nil {
		return inv, r
	}
	return inv, nil
}

// ticket fills in what the connection tickets tell. LHTICKET's presence is the
// test for type 2; RCTICKET beside it is a copy for XP and only as good as it reads.
func (d *document) ticket(inv *Invitation) *Refusal {
	rc, lh := solid(d.rcTicket), solid(d.lhTicket)
	if len(rc) == 0 && len(lh) == 0 {
		return &Refusal{NoTicket, "The invitation holds no connection ticket."}
	}
	var bad *Refusal
	if len(rc) > 0 {
		inv.Endpoints, bad = addresses(string(rc))
	}
	if len(lh) > 0 {
		sealed, r := unhex(lh)
		if r != nil {
			return r
		}
		inv.Format, inv.Key = RA2, keyOf(sealed)
	} else {
		inv.Format, inv.Key = RA1, keyOf(rc)
	}
	switch {
	case bad != nil && inv.Format == RA1:
		return bad
	case bad != nil:
		inv.Warnings = append(inv.Warnings, AddressListIgnored)
	}
	inv.protection(d.encrypted, d.stub)
	if unreachable(inv.Endpoints) {
		inv.Warnings = append(inv.Warnings, NoReachableAddress)
	}
	return nil
}

// protection reads RCTICKETENCRYPTED, which really means "a password is
// needed". Where it is missing, a type 2 or a PassStub implies a password.
func (inv *Invitation) protection(encrypted, stub []byte) {
	switch v := bytes.TrimSpace(encrypted); {
	case string(v) == "0", len(v) == 0 && inv.Format == RA1 && len(stub) == 0:
		inv.Warnings = append(inv.Warnings, NoPassword)
	default:
		inv.PasswordRequired = true
	}
}

// lastSecond keeps dates within four-digit years, as RFC 3339 needs them.
const lastSecond = 253402300799

func (d *document) dates(inv *Invitation) *Refusal {
	if d.from != nil {
		seconds, err := decimal(d.from)
		if err != nil {
			return &Refusal{BadTime, "The start time (DtStart) is not readable."}
		}
		inv.Start = time.Unix(min(seconds, lastSecond), 0).UTC()
	}
	if d.length != nil {
		minutes, err := decimal(d.length)
		if err != nil {
			return &Refusal{BadTime, "The lifetime (DtLength) is not readable."}
		}
		if minutes == 0 {
			return &Refusal{NoLifetime, "The invitation has a lifetime of 0 minutes."}
		}
		inv.Minutes = minutes
	}
	if d.from == nil || d.length == nil {
		inv.Warnings = append(inv.Warnings, NoExpiry)
	}
	return nil
}

// decimal reads plain digits: no sign, no fraction, within 63 bits.
func decimal(v []byte) (int64, error) {
	n, err := strconv.ParseUint(string(bytes.TrimSpace(unescape(v))), 10, 63)
	return int64(n), err
}
