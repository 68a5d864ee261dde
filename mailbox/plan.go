package mailbox

import (
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"inviter/carrier"
)

// plan says which parts of a mail to fetch, as its structure has them: on a
// thousand ordinary mails that is a twentieth of fetching them whole.
type plan struct {
	leaves []leaf
	bytes  int64 // to be fetched
	whole  bool  // the structure is not to be relied on: fetch everything
}

// leaf is one part that holds something itself.
type leaf struct {
	carrier.Leaf
	section []int
	around  *imap.Envelope // of the forward that it lies in; nil in none
	fetch   bool
	bare    bool // fetch it decoded
}

// unaccounted is how many bytes of a mail may belong to no part: headers,
// boundaries, and what mail clients write before the first one. With more, an
// invitation may lie where the structure doesn't show it.
const unaccounted = 32 << 10

// smallForward is how large a forwarded mail may be to be fetched whole.
const smallForward = 128 << 10

// planFor reads a structure (RFC 9051 section 7.5.2, "body").
func planFor(structure imap.BodyStructure, size int64, limits carrier.Limits) plan {
	w := walker{limits: limits}
	if structure == nil {
		return plan{whole: true}
	}
	held := w.part(structure, nil, 0)
	if w.odd || size-held > unaccounted && size <= int64(limits.Mail) {
		return plan{whole: true}
	}
	return w.choose()
}

type walker struct {
	limits carrier.Limits
	leaves []leaf
	around *imap.Envelope
	odd    bool
}

// part walks one part and answers how many bytes its leaves hold.
func (w *walker) part(bs imap.BodyStructure, path []int, depth int) int64 {
	if depth > w.limits.Depth || len(w.leaves) > w.limits.Parts {
		w.odd = true // carrier.Mail has the words for it
	}
	if w.odd {
		return 0
	}
	switch bs := bs.(type) {
	case *imap.BodyStructureMultiPart:
		return w.multi(bs, path, depth)
	case *imap.BodyStructureSinglePart:
		return w.single(bs, path, depth)
	}
	w.odd = true
	return 0
}

func (w *walker) multi(bs *imap.BodyStructureMultiPart, path []int, depth int) (held int64) {
	for i, child := range bs.Children {
		held += w.part(child, append(path[:len(path):len(path)], i+1), depth+1)
	}
	// A server that finds no parts, as where the boundary is missing, makes up
	// an empty one, for the grammar wants at least one.
	if held == 0 {
		w.odd = true
	}
	return held
}

func (w *walker) single(bs *imap.BodyStructureSinglePart, path []int, depth int) int64 {
	if len(path) == 0 {
		path = []int{1}
		if w.large(bs) && strings.EqualFold(bs.Type, "text") {
			w.odd = true // a mail whose parts weren't recognised looks like one long text
		}
	}
	if strings.EqualFold(bs.Type, "multipart") {
		w.odd = true
		return 0
	}
	if inner := bs.MessageRFC822; inner != nil && inner.BodyStructure != nil && bs.Size > smallForward {
		return w.forward(bs, path, depth)
	}
	w.leaves = append(w.leaves, leaf{section: path, around: w.around, Leaf: carrier.Leaf{
		Path: dotted(path), Type: bs.MediaType(), Charset: bs.Params["charset"],
		Encoding: bs.Encoding, Name: fileName(bs), Size: int(bs.Size),
	}})
	return int64(bs.Size)
}

// forward goes into a large mail within the mail. Its parts continue its
// number; a body without parts is its part 1. A small one is a leaf like any
// other, and carrier opens it.
func (w *walker) forward(bs *imap.BodyStructureSinglePart, path []int, depth int) int64 {
	outer := w.around
	w.around = bs.MessageRFC822.Envelope
	defer func() { w.around = outer }()
	inner := bs.MessageRFC822.BodyStructure
	if _, multi := inner.(*imap.BodyStructureMultiPart); !multi {
		path = append(path[:len(path):len(path)], 1)
	}
	if held := w.part(inner, path, depth+1); int64(bs.Size)-held > unaccounted {
		w.odd = true
	}
	return int64(bs.Size)
}

func (w *walker) large(bs *imap.BodyStructureSinglePart) bool {
	return int(bs.Size) > 2*w.limits.Invitation
}

// choose picks what to fetch, within the bytes of a mail that are examined.
func (w *walker) choose() plan {
	p := plan{leaves: w.leaves}
	for i := range p.leaves {
		l := &p.leaves[i]
		if !carrier.Wanted(l.Type, l.Name, l.Size, w.limits) || p.bytes+int64(l.Size) > int64(w.limits.Mail) {
			continue
		}
		l.fetch = true
		p.bytes += int64(l.Size)
	}
	return p
}

// shape is equal for mails that the same FETCH serves.
func (p plan) shape() string {
	var s strings.Builder
	for _, l := range p.leaves {
		if l.fetch {
			s.WriteString(l.Path)
			if s.WriteByte(' '); l.bare {
				s.WriteByte('b')
			}
		}
	}
	return s.String()
}

// items is what to ask for: always without setting \Seen. It is nil for nothing.
func (p plan) items() *imap.FetchOptions {
	o := &imap.FetchOptions{UID: true}
	for _, l := range p.leaves {
		switch {
		case !l.fetch:
		case l.bare:
			o.BinarySection = append(o.BinarySection, &imap.FetchItemBinarySection{Part: l.section, Peek: true})
		default:
			o.BodySection = append(o.BodySection, &imap.FetchItemBodySection{Part: l.section, Peek: true})
		}
	}
	if len(o.BinarySection)+len(o.BodySection) == 0 {
		return nil
	}
	return o
}

func dotted(path []int) string {
	s := make([]string, len(path))
	for i, n := range path {
		s[i] = strconv.Itoa(n)
	}
	return strings.Join(s, ".")
}

// fileName is a part's name wherever it is written. Servers hand on RFC 2231
// names undecoded, in numbered pieces (section 3).
func fileName(bs *imap.BodyStructureSinglePart) string {
	if d := bs.Disposition(); d != nil {
		if name := carrier.Parameter(d.Params, "filename"); name != "" {
			return name
		}
	}
	return carrier.Parameter(bs.Params, "name")
}
