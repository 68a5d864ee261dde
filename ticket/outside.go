package ticket

import (
	"net/netip"
	"net/url"
	"strings"

	"inviter/invitation"
)

// outside tells whether an invitation may lead out of the allowed networks: if
// any of its addresses does, for the helper's client tries them all. Addresses
// that reach no further than one's own link lead nowhere. A name could lead
// anywhere, so it counts as outside. Where no networks are named all are allowed.
func outside(endpoints []invitation.Endpoint, allowed []netip.Prefix) bool {
	if len(allowed) == 0 {
		return false
	}
	for _, e := range endpoints {
		address, err := netip.ParseAddr(host(e))
		if err != nil || !near(address) && !within(address, allowed) {
			return true
		}
	}
	return false
}

// host is the name or address that an endpoint names.
func host(e invitation.Endpoint) string {
	if e.URI == "" {
		return e.Host
	}
	u, err := url.Parse(e.URI)
	if err != nil {
		return ""
	}
	return strings.Trim(u.Hostname(), "[]")
}

// near addresses stay on the helper's own link, or PC.
func near(a netip.Addr) bool { return a.IsLinkLocalUnicast() || a.IsLoopback() }

func within(a netip.Addr, allowed []netip.Prefix) bool {
	for _, p := range allowed {
		if p.Contains(a.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}
