package carrier

import (
	"bytes"
	"errors"
	"strings"

	"inviter/invitation"
)

// leaf reads a part that has no parts. A large one is decoded only if its
// first bytes show something that may hold an invitation: screenshots are most
// of all mail.
func (o *opener) leaf(path string, k kind, raw []byte, at place) {
	head := transfer(k.encoding, raw[:min(len(raw), 1024)], 512)
	if len(raw) > 2*o.limits.Invitation && !o.promising(k, head) {
		o.unread(path, k.name)
		return
	}
	b := transfer(k.encoding, raw, o.limits.Mail)
	o.blob(path, k, o.undeclared(k, b), at)
}

// undeclared undoes base64 that the header kept quiet about or that was lost
// with it, and passes by a declared encoding that isn't there.
func (o *opener) undeclared(k kind, b []byte) []byte {
	if len(b) > 2*o.limits.Invitation || len(b) < 64 || magic(b) != "" { // "PK" is base64 for "<"
		return b
	}
	if k.encoding != "base64" && bytes.IndexByte(b, '<') < 0 {
		if d := fromBase64(b, o.limits.Invitation); looksXML(d) || magic(d) != "" {
			return d
		}
	}
	return b
}

// promising tells from the first bytes whether a large leaf deserves decoding.
func (o *opener) promising(k kind, head []byte) bool {
	return magic(head) != "" || looksXML(head) || isText(k.typ) && !notText(head) || extension(k.name) == "eml" || looksMail(head)
}

// file reads a whole file.
func (o *opener) file(name string, b []byte) {
	k := kind{typ: "application/octet-stream", name: name}
	if len(b) > o.limits.Mail {
		if head := b[:512]; !o.promising(k, head) || magic(head) == "" && !looksMail(head) {
			o.unread(name, name)
			return
		}
		defer o.bound(name, invitation.TooLarge)
		b = b[:o.limits.Mail]
	}
	o.blob(name, k, b, place{})
	if len(o.content.Found) == 0 && o.mails == 0 {
		o.jotted(b)
	}
}

// maxJotted is how large a file may be to be a note with a code in it. A longer
// one, a list of computers, is nobody's request.
const maxJotted = 4 << 10

// jotted takes a small file for what a user wrote.
func (o *opener) jotted(b []byte) {
	if len(b) <= maxJotted && magic(b) == "" && !notText(b) {
		o.note(kind{typ: "text/plain", params: params{}}, b)
	}
}

// blob reads decoded bytes, whatever they are.
func (o *opener) blob(path string, k kind, b []byte, at place) {
	outer, count := o.reading, o.outcomes
	o.reading = b
	defer func() { o.reading = outer }()
	switch {
	case magic(b) != "":
		o.archive(path, k, b, at)
	case looksXML(b):
		o.xml(path, k, b, at)
	case extension(k.name) == "eml" || looksMail(b):
		o.mail(path, b, at.deeper())
	case remoteDesktop(k.name, b):
		o.refuse(path, &invitation.Refusal{Code: invitation.NotAnInvitation,
			Detail: "An .rdp file is no Remote Assistance invitation, and it may lead anywhere; it is not opened."})
	case isText(k.typ) || !notText(b[:min(len(b), 512)]):
		o.note(k, b)
		o.search(path, k, b, at)
	}
	switch {
	case o.outcomes != count:
	case named(k.name) && len(b) > o.limits.Invitation:
		o.unread(path, k.name)
	case named(k.name):
		o.refuse(path, &invitation.Refusal{Code: invitation.NotAnInvitation, Detail: "This is not a Remote Assistance invitation."})
	default:
		o.ignore()
	}
}

// xml reads what begins with "<": an invitation, or a page or text that quotes
// one. What is refused as a file may still be readable as a text that was
// wrapped, except where it was refused for what it would do.
func (o *opener) xml(path string, k kind, b []byte, at place) {
	r := o.invitation(path, k, b)
	if r == nil {
		return
	}
	count := o.outcomes
	if final := r.Code == invitation.ForbiddenXML || r.Code == invitation.TooLarge; !final || k.name == "" && isText(k.typ) && r.Code == invitation.TooLarge {
		o.note(k, b)
		o.search(path, k, b, at)
	}
	if o.outcomes == count && r.Code != invitation.NotAnInvitation {
		o.refuse(path, r)
	}
}

// invitation tries to read b as one; nil means that it was one.
func (o *opener) invitation(path string, k kind, b []byte) *invitation.Refusal {
	if len(b) > o.limits.Invitation {
		code := invitation.NotAnInvitation
		if named(k.name) || shaped(b[:min(len(b), 4096)]) {
			code = invitation.TooLarge
		}
		return &invitation.Refusal{Code: code, Detail: "The file is too large for an invitation."}
	}
	inv, err := invitation.Parse(b)
	if err == nil {
		o.found(path, inv, k.name == "" && (k.typ == "text/plain" || k.typ == "text/html"))
		return nil
	}
	var r *invitation.Refusal
	if !errors.As(err, &r) {
		r = &invitation.Refusal{Code: invitation.Damaged, Detail: err.Error()} // never: Parse returns nothing else
	}
	return r
}

// shaped tells whether a beginning is an invitation's, in 8 or 16 bits.
func shaped(head []byte) bool {
	return bytes.Contains(bytes.ReplaceAll(head, []byte{0}, nil), []byte("<UPLOADINFO"))
}

// looksXML tells whether the first character is "<", in 8 or 16 bits.
func looksXML(b []byte) bool {
	b = bytes.TrimLeft(b[:min(len(b), 256)], "\xEF\xBB\xBF\xFF\xFE \t\r\n\x00")
	return len(b) > 0 && b[0] == '<'
}

// notText tells whether a beginning can't be text.
func notText(head []byte) bool {
	return bytes.IndexByte(head, 0) >= 0 && !bytes.HasPrefix(head, []byte{0xFF, 0xFE}) && !bytes.HasPrefix(head, []byte{0xFE, 0xFF})
}

// looksMail tells whether a text begins as mails do.
func looksMail(b []byte) bool {
	line, _ := lineAt(bytes.TrimLeft(b[:min(len(b), 1024)], "\r\n"), 0)
	name, _ := cutField(line)
	switch strings.ToLower(name) {
	case "return-path", "received", "from", "to", "subject", "date", "mime-version", "message-id", "delivered-to",
		"content-type", "reply-to", "dkim-signature", "arc-seal", "x-originating-ip", "x-mailer":
		return true
	}
	return bytes.HasPrefix(line, []byte("From ")) && bytes.IndexByte(line, '@') > 0
}

// remoteDesktop tells the settings files of the Remote Desktop client, in 8 or 16 bits.
func remoteDesktop(name string, b []byte) bool {
	head := b[:min(len(b), 4096)]
	return extension(name) == "rdp" || bytes.Contains(head, []byte("full address:s:")) ||
		bytes.Contains(head, []byte("f\x00u\x00l\x00l\x00 \x00a\x00d\x00d\x00r\x00e\x00s\x00s\x00:\x00s\x00:\x00"))
}

// slashed turns IMAP's "2.1" into our "2/1".
func slashed(section string) string { return strings.ReplaceAll(section, ".", "/") }
