package mailbox

import (
	"slices"

	"github.com/emersion/go-imap/v2"

	"inviter/carrier"
)

// headerBytes bounds what is fetched of a header. A mail with more is read whole.
const headerBytes = 32 << 10

// structureBytes is about what a mail's structure and header take.
const structureBytes = 4 << 10

// opened is one mail whose structure is known.
type opened struct {
	letter
	plan
	header []byte
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

// fill puts the bodies that came into the leaves; false if one is missing or
// not what it should be.
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
			return s.bare == l.bare && s.what.Specifier == imap.PartSpecifierNone && slices.Equal(s.what.Part, l.section)
		})
		if j < 0 || !l.all(got.sections[j].body) {
			return nil, false
		}
		if leaves[i].Body = got.sections[j].body; l.bare {
			leaves[i].Encoding = "binary"
		}
	}
	return leaves, true
}
