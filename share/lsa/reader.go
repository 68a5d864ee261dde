package lsa

import (
	"encoding/binary"
	"unicode/utf16"
)

// reader reads NDR (C706 chapter 14), little-endian. After the first thing that
// isn't there it has failed, and reads zeroes.
type reader struct {
	rest   []byte
	at     int
	failed bool
}

// Bounds of what an answer for one SID may hold.
const (
	maxDomains = 16
	maxText    = 1024 // UTF-16 units
	maxParts   = 15   // of a SID
)

func (r *reader) take(n int) []byte {
	if r.failed || n > len(r.rest) {
		r.failed = true
		return make([]byte, min(n, 8))
	}
	b := r.rest[:n]
	r.rest, r.at = r.rest[n:], r.at+n
	return b
}

func (r *reader) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }

func (r *reader) align() { r.take(-r.at & 3) }

// count is a number that must not be above a bound.
func (r *reader) count(most uint32) int {
	n := r.u32()
	if n > most {
		r.failed = true
		return 0
	}
	return int(n)
}

// text is a string behind its three counts.
func (r *reader) text() string {
	most, from, n := r.count(maxText), r.u32(), r.count(maxText)
	if from != 0 || n > most {
		r.failed = true
		return ""
	}
	raw := r.take(2 * n)
	if r.failed {
		return ""
	}
	units := make([]uint16, n)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	r.align()
	return string(utf16.Decode(units))
}

// domains passes over the list of domains that names refer to.
func (r *reader) domains() {
	if r.u32() == 0 {
		return
	}
	n, list := r.count(maxDomains), r.u32()
	_ = r.u32() // room for more
	if list == 0 {
		return
	}
	if r.count(maxDomains) != n {
		r.failed = true
	}
	type refs struct{ name, sid uint32 }
	var all []refs
	for range n {
		_ = r.u32() // lengths
		all = append(all, refs{r.u32(), r.u32()})
	}
	for _, d := range all {
		if d.name != 0 {
			r.text()
		}
		if d.sid != 0 {
			r.take(8 + 4*r.count(maxParts))
		}
	}
}
