package carrier

import (
	"crypto/sha256"
	"slices"
	"strings"

	"inviter/invitation"
)

// WithCodes takes ids that the user's side made with another product for the
// request for help that they are: where no invitation was found they become
// one, which holds all of them, and its text doesn't show them any more, for
// only who holds the ticket may use them. With refuse, what nobody can help by,
// a technician's code or a meeting, is refused with a reason for the user. What
// was quoted from an earlier mail counts for neither.
func (c Content) WithCodes(refuse bool) Content {
	if len(c.Found) > 0 {
		return c
	}
	usable := slices.DeleteFunc(slices.Clone(c.Codes), func(code Code) bool { return code.quoted || !code.requests() })
	// What is called an invitation and is none says less than the code in it.
	broken := slices.DeleteFunc(slices.Clone(c.Refused), func(r Refused) bool { return r.Refusal.Code == invitation.NotAnInvitation })
	if len(usable) > 0 {
		c.Found, c.Refused = []Found{{Path: "code", Invitation: request(usable)}}, broken
		return c.hiding(usable)
	}
	at := slices.IndexFunc(c.Codes, func(code Code) bool { return !code.quoted })
	if refuse && at >= 0 && len(broken) == 0 {
		detail := c.Codes[at].Product + ": " + c.Codes[at].Advice
		c.Refused = []Refused{{Path: "code", Refusal: &invitation.Refusal{Code: invitation.NotAnInvitation, Detail: detail}}}
	}
	return c
}

// requests tells whether the code is one of those that become tickets.
func (c Code) requests() bool { return c.MadeBy == ByUser && c.Advice == "" }

// request is codes as an invitation. What the technician needs is its file,
// passwords in links included; the addresses are without those. Which end it
// has nobody knows.
func request(codes []Code) invitation.Invitation {
	first := codes[0]
	inv := invitation.Invitation{
		Format: slug(first.Product), Warnings: []invitation.Warning{invitation.NoExpiry},
		Key: sha256.Sum256([]byte("inviter code\x00" + first.Product + "\x00" + first.plain())),
	}
	var file strings.Builder
	for _, c := range codes {
		file.WriteString(c.Product + ": " + invitation.CleanLine(c.Value, maxField) + "\r\n")
		if e := c.endpoint(); !slices.Contains(inv.Endpoints, e) {
			inv.Endpoints = append(inv.Endpoints, e)
		}
	}
	inv.File = []byte(file.String())
	return inv
}

func slug(product string) invitation.Format {
	return invitation.Format(strings.ReplaceAll(strings.ToLower(product), " ", "-"))
}

// ProductName is whose code an invitation of this format holds, as people write
// it; "" where it is none.
func ProductName(f invitation.Format) string {
	for _, p := range products {
		if slug(p.name) == f {
			return p.name
		}
	}
	return ""
}

// plain is the id alone, the same for every way to write it.
func (c Code) plain() string {
	v := strings.ToLower(c.Value)
	for _, before := range []string{"anydesk:", "rustdesk:", "//", "connection/new/"} {
		v = strings.TrimPrefix(v, before)
	}
	v, _, _ = strings.Cut(v, "?")
	v = strings.TrimRight(v, "/.,;:)>")
	if digits := strings.NewReplacer(" ", "", "-", "").Replace(v); strings.Trim(digits, "0123456789") == "" {
		return digits
	}
	return v
}

// endpoint is the id as a technician's program takes it.
func (c Code) endpoint() invitation.Endpoint {
	switch c.Product {
	case "AnyDesk":
		return invitation.Endpoint{URI: "anydesk:" + c.plain()}
	case "RustDesk":
		return invitation.Endpoint{URI: "rustdesk://" + c.plain()}
	}
	return invitation.Endpoint{Host: c.plain()}
}

// hiding is the content without the codes in what everybody may read.
func (c Content) hiding(codes []Code) Content {
	for _, code := range codes {
		written := code.Value
		if code.secret != "" { // which is masked already
			written = strings.ReplaceAll(written, code.secret, mask)
		}
		for _, written := range []string{written, invitation.CleanLine(written, maxField)} {
			c.Text = strings.ReplaceAll(c.Text, written, mask)
			c.Header.Subject = strings.ReplaceAll(c.Header.Subject, written, mask)
		}
	}
	return c
}

// quotes are the lines behind which a mail program puts the mail that is answered.
var quotes = []string{"-----original message", "-----ursprüngliche nachricht", "________________________________"}

// quoted tells whether the line around a place was written by somebody else
// before: behind a ">", or below such a line.
func quoted(lower string, at int) bool {
	line := lower[strings.LastIndexByte(lower[:at], '\n')+1 : at]
	if strings.HasPrefix(strings.TrimLeft(line, " \t"), ">") {
		return true
	}
	return slices.ContainsFunc(quotes, func(mark string) bool { return strings.Contains(lower[:at], "\n"+mark) })
}
