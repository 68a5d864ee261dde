package carrier

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strconv"

	"inviter/invitation"
)

// opener is one input being opened: what was found so far, and how much of the
// bounds is used.
type opener struct {
	limits  Limits
	content Content
	pasted  []bool // of content.Found: cut out of text, so a file is better
	keys    map[invitation.Key]int

	header   *Header // of the mail that is being read
	mails    int
	parts    int
	headers  int // bytes of headers read
	unpacked int // bytes out of archives
	outcomes int // things found, refused or ignored, copies included
	full     bool

	torn    *Refused // the first invitation in a text that can't be used
	reading []byte   // what is being looked at

	plain, html *body // what may become Content.Text
}

// place is where in the nesting something lies.
type place struct {
	depth    int // parts, forwards and archives around it
	archives int // archives around it
}

func (p place) deeper() place { p.depth++; return p }

// mail reads a mail at path ("" for the outermost).
func (o *opener) mail(path string, b []byte, at place) {
	if at.depth > o.limits.Depth {
		o.bound(path, invitation.TooDeep)
		return
	}
	if len(b) > o.limits.Mail {
		defer o.bound(path, invitation.TooLarge) // what is within the bound counts
		b = b[:o.limits.Mail]
	}
	for len(b) > 0 && (b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	f, rest := split(b)
	if !o.spend(path, f) {
		return
	}
	outer := o.header
	defer func() { o.header = outer }()
	h := readHeader(f)
	o.header = &h
	if o.mails++; o.mails == 1 {
		o.content.Header = h
		o.header = &o.content.Header
	}
	k := f.kind()
	if k.multipart() {
		o.multipart(path, k, rest, at)
		return
	}
	o.entity(join(path, "1"), k, rest, at)
}

// spend counts a header against the bound of all headers together.
func (o *opener) spend(path string, f fields) bool {
	if o.headers += len(f); o.headers > maxHeaders {
		o.full = true
		o.bound(path, invitation.TooLarge)
		return false
	}
	return true
}

// entity reads one part of a mail, whatever it is.
func (o *opener) entity(path string, k kind, raw []byte, at place) {
	switch {
	case k.multipart():
		o.multipart(path, k, raw, at)
	case k.typ == "message/rfc822" || k.typ == "message/global":
		o.mail(join(path, k.name), transfer(k.encoding, raw, o.limits.Mail), at.deeper())
	default:
		o.leaf(join(path, k.name), k, raw, at)
	}
}

// assembled reads a part that was cut out elsewhere.
func (o *opener) assembled(l Leaf) {
	typ, p := readParams(l.Type)
	if l.Charset != "" {
		p["charset"] = l.Charset
	}
	k := kind{typ: typ, params: p, encoding: token(l.Encoding), name: baseName(l.Name)}
	path := slashed(l.Path)
	switch {
	case o.full:
	case o.parts == o.limits.Parts:
		o.tooMany(path)
	case l.Body == nil && l.Size > 0:
		o.unread(join(path, k.name), k.name)
	default:
		o.parts++
		o.entity(path, k, l.Body, place{depth: 1})
	}
}

// unread notes a part that is too large to be looked at.
func (o *opener) unread(path, name string) {
	if named(name) {
		o.refuse(path, &invitation.Refusal{Code: invitation.TooLarge, Detail: "The file is too large for an invitation."})
		return
	}
	o.ignore()
}

func (o *opener) ignore() {
	o.outcomes++
	o.content.Ignored++
}

// tooMany notes that there are more parts than allowed; nothing is looked at any more.
func (o *opener) tooMany(path string) {
	o.full = true
	o.bound(path, invitation.TooMany)
}

// found adds an invitation, or a better copy of one that was found before.
func (o *opener) found(path string, inv invitation.Invitation, pasted bool) {
	o.outcomes++
	i, again := o.keys[inv.Key]
	switch {
	case again && o.pasted[i] && !pasted:
		o.content.Found[i], o.pasted[i] = Found{path, inv}, false
	case !again:
		if o.keys == nil {
			o.keys = map[invitation.Key]int{}
		}
		o.keys[inv.Key] = len(o.content.Found)
		if len(o.content.Found) == 0 && o.header != nil && o.mails > 1 && o.header != &o.content.Header {
			o.content.Inner = *o.header
		}
		o.content.Found = append(o.content.Found, Found{path, inv})
		o.pasted = append(o.pasted, pasted)
	}
}

func (o *opener) refuse(path string, r *invitation.Refusal) { o.add(o.refused(path, r)) }

// refuseUnseen refuses what can't be looked into.
func (o *opener) refuseUnseen(path string, r *invitation.Refusal, isNamed bool) {
	no := o.refused(path, r)
	no.Plain = !isNamed
	o.add(no)
}

func (o *opener) add(r Refused) {
	o.outcomes++
	o.content.Refused = append(o.content.Refused, r)
}

// refused is a refusal of what is being read. Servers write the ends of lines
// and parts differently, so these don't count.
func (o *opener) refused(path string, r *invitation.Refusal) Refused {
	no := Refused{Path: path, Refusal: r}
	if o.reading != nil {
		no.Sum = sha256.Sum256(bytes.ReplaceAll(bytes.TrimSpace(o.reading), []byte{'\r'}, nil))
	}
	return no
}

// bound notes that a bound was reached, once for each.
func (o *opener) bound(path string, code invitation.Code) {
	o.outcomes++
	r := &invitation.Refusal{Code: code, Detail: boundDetail(code)}
	if !slices.ContainsFunc(o.content.Refused, func(have Refused) bool { return *have.Refusal == *r }) {
		o.add(Refused{Path: path, Refusal: r, Plain: !named(path)})
	}
}

func boundDetail(code invitation.Code) string {
	switch code {
	case invitation.TooDeep:
		return "Nested too deep; what lies deeper was not looked at."
	case invitation.TooMany:
		return "Too many parts; the rest was not looked at."
	}
	return "Too large; the rest was not looked at."
}

// result finishes: the text is chosen, passwords are masked, codes recognised.
// What looks like an invitation in a text but can't be used counts only where
// nothing else tells what became of the mail.
func (o *opener) result() Content {
	c := &o.content
	if o.torn != nil && len(c.Found) == 0 && len(c.Refused) == 0 {
		o.add(*o.torn)
		c.Ignored--
	}
	text := o.text()
	c.Codes = recognise(c.Header.Subject + "\n" + text)
	o.mask(text)
	c.Wrote = wrote(c.Header.Subject + "\n" + c.Text)
	return *c
}

func (k kind) multipart() bool { return len(k.typ) > 10 && k.typ[:10] == "multipart/" }

// join puts a place's components together; empty ones leave no trace.
func join(path, name string) string {
	switch {
	case path == "":
		return name
	case name == "":
		return path
	}
	return path + "/" + name
}

func numbered(path string, n int) string { return join(path, strconv.Itoa(n)) }
