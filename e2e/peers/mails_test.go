package peers_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"strings"
)

// part is one attachment, every line of it as a sender wrote it.
type part struct {
	fields string // lines with LF
	body   string
}

func (p part) String() string { return p.fields + "\n" + p.body }

// header is the fields of a mail above those of its body.
const header = "From: Jane Doe <jane@example.org>\nTo: help@example.org\nSubject: help\n" +
	"Date: Wed, 15 Nov 2023 10:00:00 +0100\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n"

// encodings are the ways of getting a file into a part. Those that are lines of
// text can't carry 16 bits.
func encodings() map[string]func(file []byte) part {
	return map[string]func([]byte) part{
		"base64":          func(f []byte) part { return part{"Content-Transfer-Encoding: base64\n", base64Lines(f, 76)} },
		"base64 short":    func(f []byte) part { return part{"Content-Transfer-Encoding: BASE64\n", base64Lines(f, 60)} },
		"base64 one line": func(f []byte) part { return part{"content-transfer-encoding:base64\n", base64Lines(f, 1<<20)} },
		"quoted":          func(f []byte) part { return part{"Content-Transfer-Encoding: quoted-printable\n", quoted(f)} },
		"binary":          func(f []byte) part { return part{"Content-Transfer-Encoding: binary\n", string(f)} },
	}
}

func textEncodings() map[string]func(file []byte) part {
	return map[string]func([]byte) part{
		"8bit": func(f []byte) part { return part{"Content-Transfer-Encoding: 8bit\n", string(f)} },
		"none": func(f []byte) part { return part{"", string(f)} },
		"odd":  func(f []byte) part { return part{"Content-Transfer-Encoding: x-none\n", string(f)} },
	}
}

func base64Lines(b []byte, width int) string {
	return wrap(base64.StdEncoding.EncodeToString(b), width, "\n")
}

func quoted(b []byte) string {
	var out bytes.Buffer
	w := quotedprintable.NewWriter(&out)
	w.Binary = true
	_, _ = w.Write(b)
	_ = w.Close()
	return strings.ReplaceAll(out.String(), "\r\n", "\n")
}

// labels are the ways of saying what a part is and what it is called.
func labels() map[string]string {
	const extended = "utf-8''Hilfe%20f%C3%BCr%20J%C3%B6rg.msrcIncident"
	return map[string]string{
		"RFC 2231":         "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=" + extended + "\n",
		"RFC 2231 latin":   "Content-Disposition: attachment; filename*=iso-8859-1'de'Hilfe%20f%FCr%20J%F6rg.msrcIncident\nContent-Type: text/xml\n",
		"RFC 2231 pieces":  "Content-Type: application/x-msrcincident;\n name*0*=utf-8''Hilfe%20f%C3%BC;\n name*1*=r%20J%C3%B6rg;\n name*2=.msrcIncident\n",
		"RFC 2231 in both": "Content-Disposition: attachment;\n filename*=" + extended + ";\n filename=\"Hilfe.msrcIncident\"\n",
		"RFC 2047": "Content-Type: application/octet-stream;\n name=\"=?utf-8?B?SGlsZmUgZsO8ciBKw7ZyZy5tc3JjSW5jaWRlbnQ=?=\"\n" +
			"Content-Disposition: attachment;\n filename=\"=?utf-8?Q?Hilfe_f=C3=BCr_J=C3=B6rg=2EmsrcIncident?=\"\n",
		"no name":     "Content-Type: application/octet-stream\nContent-Disposition: attachment\n",
		"nothing":     "",
		"text":        "Content-Type: text/plain; charset=us-ascii\n",
		"text inline": "Content-Type: text/plain; charset=\"utf-16\"; format=flowed\nContent-Disposition: inline\n",
		"lie":         "Content-Type: image/png; name=invite.png\nContent-Disposition: inline; filename=invite.png\n",
		"odd disposition": "Content-Type: APPLICATION/XML\nContent-Disposition: X-Filed; filename=invite.msrcIncident; size=6000;\n" +
			" creation-date=\"Wed, 12 Feb 1997 16:29:51 -0500\"\n",
		"form":           "Content-Disposition: form-data; name=\"file\"; filename=\"invite.msrcIncident\"\nContent-Type: application/octet-stream\n",
		"upper case":     "CONTENT-TYPE: APPLICATION/OCTET-STREAM; NAME=\"INVITE.MSRCINCIDENT\"\nCONTENT-DISPOSITION: ATTACHMENT; FILENAME=\"INVITE.MSRCINCIDENT\"\n",
		"path":           "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"C:\\\\Users\\\\jane\\\\invite.msrcIncident\"\n",
		"quotes in name": "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"Jane \\\"JD\\\" (1); x=y.msrcIncident\"\n",
		"semicolons":     "Content-Type: application/octet-stream;\nContent-Disposition: attachment; filename=invite.msrcIncident;\n",
		"comment":        "Content-Type: application/octet-stream (a file)\nContent-Disposition: attachment (really); filename=invite.msrcIncident\n",
		"other name":     "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=notes.txt\n",
	}
}

// frames are the ways of putting a part into a mail.
func frames() map[string]func(p part) string {
	return map[string]func(part) string{
		"alone":   func(p part) string { return header + p.String() },
		"mixed":   func(p part) string { return header + multipart("mixed", "=_b1", note, p.String()) },
		"first":   func(p part) string { return header + multipart("mixed", "b", p.String(), note, note) },
		"related": func(p part) string { return header + multipart("related", "rel'()+,./:=?-_", note, p.String()) },
		"unclosed": func(p part) string {
			return header + strings.TrimSuffix(multipart("mixed", "b1", note, p.String()), "\n--b1--\n")
		},
		"prelude": func(p part) string {
			return header + strings.Replace(multipart("mixed", "b1", p.String()), "\n\n", "\n\nThis is a mail in MIME.\n\n", 1) + "\nafter the end\n"
		},
		"nested": func(p part) string {
			return header + multipart("mixed", "outer", multipart("alternative", "outer-inner", note, page), multipart("mixed", "outer2", p.String()))
		},
		"signed": func(p part) string {
			return header + multipart("signed", "sig", multipart("mixed", "in", note, p.String()), signature)
		},
		"forwarded": func(p part) string { return forwarded("Content-Type: message/rfc822\n", mixed(p)) },
		"twice": func(p part) string {
			return forwarded("Content-Type: message/rfc822\n", forwarded("Content-Type: message/rfc822; name=Fwd.eml\n", mixed(p)))
		},
		"digest": func(p part) string { return header + multipart("digest", "dig", "\n"+mixed(p)) },
		"bounced": func(p part) string {
			return header + multipart("report", "rep", note, "Content-Type: message/rfc822\n\n"+mixed(p))
		},
		"forwarded eml": func(p part) string {
			return forwarded(emlFields+"Content-Transfer-Encoding: base64\n", base64Lines([]byte(mixed(p)), 76))
		},
		"forwarded encoded": func(p part) string {
			return forwarded("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n", base64Lines([]byte(mixed(p)), 76))
		},
	}
}

const (
	note      = "Content-Type: text/plain; charset=utf-8\n\nHallo, bitte helfen Sie mir.\n"
	page      = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>Hallo=2C<br>=\nJane</p>\n"
	signature = "Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----\n\nabc=\n-----END PGP SIGNATURE-----\n"
	emlFields = "Content-Type: application/octet-stream; name=\"Fwd: help.eml\"\nContent-Disposition: attachment; filename=\"Fwd: help.eml\"\n"
)

func mixed(p part) string { return header + multipart("mixed", "inner", note, p.String()) }

func forwarded(fields, mail string) string {
	return "From: desk@example.org\nSubject: Fwd: help\nMIME-Version: 1.0\n" + multipart("mixed", "fwd"+fmt.Sprint(len(mail)), note, fields+"\n"+mail)
}

func multipart(subtype, boundary string, parts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Content-Type: multipart/%s; boundary=%q\n\n", subtype, boundary)
	for _, p := range parts {
		b.WriteString("--" + boundary + "\n" + p + "\n")
	}
	return b.String() + "--" + boundary + "--\n"
}
