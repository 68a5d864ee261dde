package carrier

import (
	"strings"
	"time"
)

// Side says who makes a code: only what the user's side made can be waiting
// for a technician.
type Side string

// Sides.
const (
	ByUser       Side = "user"
	ByTechnician Side = "technician"
	ByEither     Side = "either"
)

// Code is an id or link of another remote-help product in what a user wrote.
type Code struct {
	Product string `json:"product"`
	MadeBy  Side   `json:"made_by"`
	Masked  string `json:"masked"` // fit to show

	Value    string        `json:"-"` // in full
	secret   string        // the part of it that is masked wherever the text is shown
	quoted   bool          // somebody wrote it in an earlier mail
	Lifetime time.Duration `json:"-"` // 0 where the product sets none
	Advice   string        `json:"-"` // what to tell the user, for people
}

// nearby is how far from its keyword a code may stand, in bytes.
const nearby = 60

// maxCodes bounds the codes of one text.
const maxCodes = 20

// match is a product's code at a place in a text.
type match struct {
	product    *product
	start, end int
	secret     string
	distance   int // from the keyword
}

// recognise lists the codes in a text. Where two products claim one stretch,
// the one whose keyword is nearer has it.
func recognise(text string) []Code {
	text = text[:min(len(text), maxLook)]
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // places must agree
		lower = text
	}
	var all []match
	for i := range products {
		all = append(all, products[i].matches(text, lower)...)
	}
	var codes []Code
	for i, m := range all {
		if len(codes) < maxCodes && !beaten(all, i) {
			code := m.code(text)
			code.quoted = quoted(lower, m.start)
			codes = append(codes, code)
		}
	}
	return codes
}

func (p *product) matches(text, lower string) []match {
	if !containsAny(lower, p.hints) {
		return nil
	}
	var list []match
	for _, at := range p.pattern.FindAllStringSubmatchIndex(text, maxCodes) {
		m := match{product: p, start: at[0], end: at[1]}
		if len(at) > 2 && at[2] >= 0 {
			m.secret = text[at[2]:at[3]]
		}
		if len(p.keywords) > 0 {
			m.distance = p.distance(lower, at[0], at[1])
		}
		if m.distance <= nearby && p.fits(text, at[0], at[1]) {
			list = append(list, m)
		}
	}
	return list
}

// fits tells what the pattern can't: what a code must have, and what must not
// follow it.
func (p *product) fits(text string, start, end int) bool {
	if p.digit && !strings.ContainsAny(text[start:end], "0123456789") {
		return false
	}
	after := text[end:]
	return !p.whole || len(after) < 2 || after[0] != '.' || !isWord(after[1])
}

func isWord(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// distance is how far the nearest keyword is.
func (p *product) distance(lower string, start, end int) int {
	best := nearby + 1
	for _, k := range p.keywords {
		from := max(0, start-nearby-len(k))
		if i := strings.LastIndex(lower[from:start], k); i >= 0 {
			best = min(best, start-(from+i+len(k)))
		}
		if i := strings.Index(lower[end:min(len(lower), end+nearby+len(k))], k); i >= 0 {
			best = min(best, i)
		}
	}
	return best
}

// beaten tells whether another match has the better right to a stretch.
func beaten(all []match, i int) bool {
	m := all[i]
	for j, other := range all {
		if i == j || other.end <= m.start || m.end <= other.start {
			continue
		}
		if other.distance < m.distance || other.distance == m.distance && j < i {
			return true
		}
	}
	return false
}

func (m match) code(text string) Code {
	value := text[m.start:m.end]
	return Code{Product: m.product.name, MadeBy: m.product.madeBy, Masked: masked(value), Value: value, secret: m.secret,
		Lifetime: m.product.lifetime, Advice: m.product.advice}
}

// masked keeps of a link its host and of a code its last two characters.
func masked(value string) string {
	if i := strings.IndexAny(strings.TrimLeft(value, "/"), "/?"); i > 0 && strings.Contains(value[:i], ".") {
		return value[:i] + "/…"
	}
	if scheme, _, ok := strings.Cut(value, ":"); ok {
		return scheme + ":…"
	}
	return "…" + value[len(value)-2:]
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
