package mailbox

import (
	"net/netip"
	"strings"

	"github.com/emersion/go-msgauth/authres"

	"inviter/carrier"
	"inviter/ticket"
)

// proof tells whether the checks of the server called id bear out the mail's
// From address. Anybody can write Authentication-Results into a mail, so only
// the topmost field of that server counts, and none below the first Received
// field of a foreign server (RFC 8601 sections 5 and 7.1).
func proof(h carrier.Header, id string) ticket.Proof {
	_, domain, ok := strings.Cut(strings.ToLower(h.From), "@")
	if id == "" || !h.OneFrom || !ok || strings.ContainsAny(h.From, " \"\t") || strings.Contains(domain, "@") {
		return ticket.Unproven
	}
	for _, t := range h.Trace {
		text, sound := bare(t.Value)
		switch {
		case !t.Results && (!sound || foreign(text, id)):
			return ticket.Unproven
		case t.Results && strings.EqualFold(identity(text), id):
			if _, results, err := authres.Parse(text); sound && err == nil && bearsOut(results, domain) {
				return ticket.Proven
			}
			return ticket.Unproven
		}
	}
	return ticket.Unproven
}

// identity is the server that wrote the results, without the version after it.
func identity(results string) string {
	id, _, _ := strings.Cut(results, ";")
	if words := strings.Fields(id); len(words) > 0 {
		return words[0]
	}
	return ""
}

// bearsOut: DMARC's verdict where there is one, else a signature or a path of
// the author's domain (RFC 7489 section 3.1).
func bearsOut(results []authres.Result, domain string) bool {
	passed, aligned := false, false
	for _, r := range results {
		switch r := r.(type) {
		case *authres.DMARCResult:
			switch {
			case r.Value == authres.ResultPass && (r.From == "" || akin(r.From, domain)):
				passed = true
			case r.Value == authres.ResultNone, r.Value == authres.ResultTempError:
			default:
				return false
			}
		case *authres.DKIMResult:
			aligned = aligned || r.Value == authres.ResultPass && akin(signer(r), domain)
		case *authres.SPFResult:
			aligned = aligned || r.Value == authres.ResultPass && akin(r.From, domain)
		}
	}
	return passed || aligned
}

// signer is the domain of a signature; header.i is within header.d.
func signer(r *authres.DKIMResult) string {
	if r.Domain != "" {
		return r.Domain
	}
	return r.Identifier
}

// akin tells whether a checked domain, or that of a checked address, is the
// author's, above it or below it. Two below the same third are not: that would
// need to know where domains are handed out to strangers.
func akin(checked, domain string) bool {
	checked = strings.ToLower(checked[strings.LastIndexByte(checked, '@')+1:])
	return strings.Contains(checked, ".") && (checked == domain || below(checked, domain) || below(domain, checked))
}

func below(name, above string) bool { return strings.HasSuffix(name, "."+above) }

// foreign tells whether a Received field was written by a server that doesn't
// belong to the one called id. A large provider's inner servers have addresses
// of no public network instead of names.
func foreign(received, id string) bool {
	words := strings.Fields(strings.ToLower(received))
	for i, w := range words {
		if w != "by" || i+1 == len(words) {
			continue
		}
		by := strings.Trim(words[i+1], "[];")
		if ip, err := netip.ParseAddr(strings.TrimPrefix(by, "ipv6:")); err == nil {
			return !inner(ip)
		}
		return !sameHouse(by, strings.ToLower(id))
	}
	return false // it doesn't say who wrote it: a local hand-over
}

// inner tells of addresses that nobody else has, also those that wear the
// prefix of 6to4 (RFC 3056), as Google's do.
func inner(ip netip.Addr) bool {
	ip = ip.Unmap()
	if b := ip.As16(); ip.Is6() && b[0] == 0x20 && b[1] == 0x02 {
		ip = netip.AddrFrom4([4]byte(b[2:6]))
	}
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast()
}

// sameHouse: mx.example.org, store.example.org and example.org are of one house.
func sameHouse(by, id string) bool {
	if by == id || by == "localhost" || below(by, id) || below(id, by) && strings.Contains(by, ".") {
		return true
	}
	_, above, _ := strings.Cut(id, ".")
	first, last, ok := strings.Cut(above, ".")
	registry := len(first) <= 3 && len(last) == 2 // co.uk, com.au
	return ok && !registry && below(by, above)
}

// bare takes comments away, and the sense out of quoted text: a sender chooses
// what stands there, and could write results into it. It is unsound where one
// of them doesn't end.
func bare(field string) (text string, sound bool) {
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(field); i++ {
		c := field[i]
		switch {
		case c == '\\' && (quoted || depth > 0):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
			if strings.IndexByte("; =()\t", c) >= 0 {
				c = '_'
			}
			b.WriteByte(c)
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			if depth--; depth == 0 {
				b.WriteByte(' ')
			}
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String(), depth == 0 && !quoted
}
