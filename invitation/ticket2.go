package invitation

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
)

// blockSize is AES's: LHTICKET is a row of such blocks.
const blockSize = 16

// unhex reads LHTICKET. Nothing can be said of its contents without the
// password, but a ticket that isn't whole blocks was cut on its way.
func unhex(v []byte) ([]byte, *Refusal) {
	out := make([]byte, len(v)/2)
	var wrong byte
	for i := range out {
		pair := v[2*i : 2*i+2 : 2*i+2]
		hi, lo := digits[pair[0]], digits[pair[1]]
		wrong |= hi | lo
		out[i] = hi<<4 | lo&15
	}
	if wrong > 15 || len(v)%(2*blockSize) != 0 {
		whole := (len(v) + 2*blockSize - 1) / (2 * blockSize) * 2 * blockSize
		return nil, &Refusal{Damaged, fmt.Sprintf(
			"The file is damaged or was cut off: its ticket has %d characters, full blocks would have %d.", len(v), whole)}
	}
	return out, nil
}

// digits are the values of hex digits, over 15 for what is none. Looking both
// up and judging once at the end is twice as fast as encoding/hex.
var digits = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xF0
	}
	for i, c := range []byte("0123456789abcdef") {
		t[c] = byte(i)
	}
	for i, c := range []byte("ABCDEF") {
		t[c] = byte(i + 10)
	}
	return t
}()

// keyOf makes the key of the ticket inside.
func keyOf(ticket []byte) Key { return Key(sha256.Sum256(ticket)) }

// list is what connection string 2 ([MS-RAI] 2.2.2) says: its listeners, and
// the text that is the same however it was spelled and wrapped.
type list struct {
	endpoints []Endpoint
	bad       string // the first listener that couldn't be read
	known     bool   // it has the parts that only a connection string has
	canonical []byte
	broken    []attribute // those with a line break in them
}

// listeners reads an <E> whose start tag was just scanned. Every L counts,
// whatever T and C it is in.
func listeners(s *scanner) (list, *Refusal) {
	var l list
	for {
		for _, a := range s.attributes {
			if torn(a) {
				l.broken = append(l.broken, a)
			}
		}
		l.note(s) // puts them in another order
		if string(s.name) == "L" {
			l.add(s)
		}
		ok, r := s.next()
		if r != nil || !ok {
			l.endpoints = bestFirst(l.endpoints)
			return l, r
		}
	}
}

// note appends the current element to the canonical text: depth, name, and the
// attributes in the order of their names.
func (l *list) note(s *scanner) {
	switch string(s.name) {
	case "A", "C", "T", "L":
		l.known = true
	}
	slices.SortFunc(s.attributes, func(a, b attribute) int { return bytes.Compare(a.name, b.name) })
	c := append(strconv.AppendInt(l.canonical, int64(s.depth), 10), '<')
	c = append(c, s.name...)
	for _, a := range s.attributes {
		c = append(append(append(c, ' '), a.name...), '=')
		c = strconv.AppendQuote(c, string(solid(a.value)))
	}
	l.canonical = append(c, '>')
}

func (l *list) add(s *scanner) {
	e, ok := endpoint(string(solid(s.value("N"))), string(solid(s.value("P"))))
	if uri := string(solid(s.value("U"))); uri != "" && s.value("P") == nil {
		e, ok = Endpoint{URI: uri}, uri == Clean(uri)
	}
	switch {
	case !ok && l.bad == "":
		l.bad = CleanLine(string(unescape(s.value("N"))), 64) + ":" + CleanLine(string(unescape(s.value("P"))), 16)
	case ok && len(l.endpoints) < maxEndpoints:
		l.endpoints = append(l.endpoints, e)
	}
}

// invitation makes one of a bare connection string. Whether a password is
// needed to use it, it doesn't say.
func (l list) invitation() (Invitation, *Refusal) {
	switch {
	case !l.known:
		return Invitation{}, errOther
	case l.bad != "":
		return Invitation{}, badAddress(l.bad)
	case len(l.endpoints) == 0:
		return Invitation{}, &Refusal{NoTicket, "The invitation holds no connection ticket."}
	}
	inv := Invitation{Format: ConnectionString, Key: keyOf(l.canonical), Endpoints: l.endpoints, Warnings: []Warning{NoExpiry}}
	if unreachable(l.endpoints) {
		inv.Warnings = append(inv.Warnings, NoReachableAddress)
	}
	return inv, nil
}
