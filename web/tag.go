package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"inviter/ticket"
)

// newEra is a name for a run of a server that no other has.
func newEra() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// listTag names what this reader gets for this list, for as long as nothing in
// it changes: by an event, or because one's time has come. Tags hold for one
// run of the server, for a backup that is brought back may count the same
// revisions anew. A list of what has ended has none: history is cleared
// without an event.
func (s *Site) listTag(ctx context.Context, r *http.Request, c caller, in []ticket.State) (string, error) {
	if slices.ContainsFunc(in, ticket.State.Ended) {
		return "", nil
	}
	snap, err := s.board.at(ctx)
	if err != nil {
		return "", err
	}
	g := snap.glanced(s.clock())
	h := fnv.New64a()
	for _, part := range []string{s.era, c.Name, string(c.Role), r.URL.RawQuery} {
		_, _ = h.Write(append([]byte(part), 0)) // never fails
	}
	return `"` + strconv.FormatInt(snap.revision, 10) + "-" + strconv.Itoa(g.waiting+g.quarantined) + "-" + strconv.FormatUint(h.Sum64(), 36) + `"`, nil
}

// holdsTag tells whether the reader says to have what a tag names (RFC 9110,
// section 13.1.2).
func holdsTag(r *http.Request, tag string) bool {
	if tag == "" {
		return false
	}
	for said := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(said), "W/") == tag {
			return true
		}
	}
	return false
}
