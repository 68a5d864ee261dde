package mailbox

import (
	"context"
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"

	"inviter/carrier"
)

// headerBytes bounds what is fetched of a header. A mail with more is read whole.
const headerBytes = 32 << 10

// opened is one mail whose structure is known.
type opened struct {
	letter
	plan
	header []byte
}

// attempt reads the letters by as few commands as it can. After an error some
// of them may be delivered (see reader.done).
func (r *reader) attempt(ctx context.Context, letters []letter) error {
	known, missing, err := r.structures(ctx, letters)
	if err != nil {
		return err
	}
	whole := missing
	groups := map[string][]opened{}
	for _, o := range known {
		if o.whole {
			whole = append(whole, o.letter)
			continue
		}
		groups[o.shape()] = append(groups[o.shape()], o)
	}
	for _, g := range groups {
		rest, err := r.parts(ctx, g)
		if err != nil {
			return err
		}
		whole = append(whole, rest...)
	}
	return r.wholes(ctx, whole)
}

// structures asks what parts the mails have. Missing are those of which the
// server said nothing, and those known to have no readable structure.
func (r *reader) structures(ctx context.Context, letters []letter) (known []opened, missing []letter, err error) {
	byUID := map[uint32]letter{}
	for _, l := range letters {
		if r.poison.odd[r.mark.item(l.uid)] {
			missing = append(missing, l)
		} else {
			byUID[l.uid] = l
		}
	}
	if len(byUID) == 0 {
		return nil, missing, nil
	}
	set := setOf(slices.Sorted(maps.Keys(byUID)))
	expected := int64(len(byUID)) * 4 << 10
	err = r.link.fetch(ctx, wanted{set, structureOptions(), expected}, func(got *message) {
		l, ok := byUID[got.uid]
		if !ok || got.structure == nil || got.size == 0 {
			return
		}
		delete(byUID, got.uid)
		l.size = got.size
		o := opened{letter: l, plan: planFor(got.structure, l.size, r.options.Limits), header: headerOf(got.sections)}
		o.whole = o.whole || len(o.header) >= headerBytes
		known = append(known, o)
	})
	if err != nil && r.link.dead {
		return nil, nil, err
	}
	for _, l := range byUID {
		missing = append(missing, l)
	}
	return known, missing, nil
}

// structureOptions asks for the structure, and for what of the header is of use.
func structureOptions() *imap.FetchOptions {
	return &imap.FetchOptions{
		UID: true, RFC822Size: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true},
		BodySection: []*imap.FetchItemBodySection{{
			Peek: true, Specifier: imap.PartSpecifierHeader, Partial: &imap.SectionPartial{Size: headerBytes},
			HeaderFields: []string{"From", "Sender", "Reply-To", "Subject", "Date", "Message-ID", "X-Inviter-Instance",
				"Content-Language", "Accept-Language", "Received", "Authentication-Results",
				"Auto-Submitted", "Precedence", "Return-Path", "List-Id", "List-Unsubscribe", "List-Post",
				"List-Help", "List-Subscribe", "List-Owner", "List-Archive",
				"X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "Feedback-ID", "Content-Type"},
		}},
	}
}

func headerOf(sections []section) []byte {
	for _, s := range sections {
		if s.what.Specifier == imap.PartSpecifierHeader && len(s.what.Part) == 0 {
			return s.body
		}
	}
	return nil
}

// parts fetches what the plans of one shape want. The rest are
// mails of which not all parts came.
func (r *reader) parts(ctx context.Context, group []opened) (rest []letter, err error) {
	sections := group[0].sections()
	for len(group) > 0 {
		n, bytes := fitting(group)
		some := group[:n]
		group = group[n:]
		got := map[uint32]*message{}
		if len(sections) > 0 {
			got, err = r.bodies(ctx, some, &imap.FetchOptions{UID: true, BodySection: sections}, bytes)
			if err != nil {
				return nil, err
			}
		}
		var p parcel
		for _, o := range some {
			if leaves, ok := o.fill(got[o.uid]); ok {
				p.pieces = append(p.pieces, piece{letter: o.letter, parts: &o, leaves: leaves})
			} else {
				rest = append(rest, o.letter)
			}
		}
		if err := r.hand(p); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// fitting is how many mails of a group one FETCH may ask for.
func fitting(group []opened) (n int, bytes int64) {
	for n < len(group) && (n == 0 || bytes+group[n].bytes <= partBytes) {
		bytes += group[n].bytes
		n++
	}
	return n, bytes
}

func (r *reader) bodies(ctx context.Context, mails []opened, o *imap.FetchOptions, bytes int64) (map[uint32]*message, error) {
	got := map[uint32]*message{}
	uids := make([]uint32, len(mails))
	for i, m := range mails {
		uids[i] = m.uid
	}
	err := r.link.fetch(ctx, wanted{setOf(uids), o, bytes}, func(m *message) {
		if len(m.sections) > 0 { // and not only news of its flags
			got[m.uid] = m
		}
	})
	if err != nil && r.link.dead {
		return nil, err
	}
	return got, nil
}

// fill puts the bodies that came into the leaves; false if one is missing or
// far smaller than it should be.
func (o opened) fill(got *message) (leaves []carrier.Leaf, ok bool) {
	leaves = make([]carrier.Leaf, len(o.leaves))
	for i, l := range o.leaves {
		leaves[i] = l.Leaf
		if !l.fetch {
			continue
		}
		if got == nil {
			return nil, false
		}
		j := slices.IndexFunc(got.sections, func(s section) bool {
			return s.what.Specifier == imap.PartSpecifierNone && slices.Equal(s.what.Part, l.section)
		})
		if j < 0 || len(got.sections[j].body) < l.Size/2 {
			return nil, false // a server that doesn't know its own parts
		}
		leaves[i].Body = got.sections[j].body
	}
	return leaves, true
}
