package invitation

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxEndpoints bounds the addresses of one invitation; a PC with 40 is odd already.
const maxEndpoints = 256

// String is "10.0.1.174:64733", "[fe80::1%3]:64730" or the URI.
func (e Endpoint) String() string {
	if e.URI != "" {
		return e.URI
	}
	return net.JoinHostPort(e.Host, strconv.Itoa(int(e.Port)))
}

// addresses reads connection string 1 ([MS-RAI] 2.2.1), free of white space:
// "65538,1,host:port;host:port,*,session,*,*,key hash". Best address first.
func addresses(ticket string) ([]Endpoint, *Refusal) {
	f := strings.Split(ticket, ",")
	switch {
	case len(f) != 8:
		return nil, badAddress("it has " + strconv.Itoa(len(f)) + " fields, not 8")
	case f[0] != "65538" || f[1] != "1" || f[3] != "*" || f[5] != "*" || f[6] != "*":
		return nil, badAddress("it doesn't begin with 65538,1")
	}
	items := strings.Split(strings.TrimSuffix(f[2], ";"), ";")
	if len(items) > maxEndpoints {
		return nil, badAddress("it has too many items")
	}
	list := make([]Endpoint, 0, len(items))
	for _, item := range items {
		host, port, ok := splitPort(item)
		e, valid := endpoint(host, port)
		if !ok || !valid {
			return nil, badAddress(CleanLine(item, 64))
		}
		list = append(list, e)
	}
	return bestFirst(list), nil
}

func badAddress(item string) *Refusal {
	return &Refusal{BadAddress, "The address list is not readable: " + item + "."}
}

// splitPort cuts at the last colon: some writers put IPv6 there without brackets.
func splitPort(item string) (host, port string, ok bool) {
	i := strings.LastIndexByte(item, ':')
	if i < 0 {
		return "", "", false
	}
	host = item[:i]
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	return host, item[i+1:], true
}

func endpoint(host, port string) (Endpoint, bool) {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || !hostLike(host) {
		return Endpoint{}, false
	}
	return Endpoint{Host: host, Port: uint16(n)}, true
}

// hostLike tells what may stand as a host: an address, or a name of the
// characters that Windows allows in computer names. It keeps out what a
// command line or a page could take for something else.
func hostLike(host string) bool {
	if host == "" || len(host) > 255 || host[0] == '-' {
		return false
	}
	for _, r := range host {
		if r < 0x80 && strings.ContainsRune(`/\*?"<>|,;=+[]`, r) || !unicode.IsPrint(r) || r == ' ' || r == unicode.ReplacementChar {
			return false
		}
	}
	if strings.ContainsRune(host, ':') {
		_, err := netip.ParseAddr(host)
		return err == nil
	}
	return true
}

// bestFirst puts what a technician can reach in front: routable IPv4, global
// IPv6, names, URIs, then what only the user's own network segment can reach.
// Files give no order to rely on. Repeated ones are left out.
func bestFirst(list []Endpoint) []Endpoint {
	slices.SortStableFunc(list, func(a, b Endpoint) int { return cmp.Compare(rank(a), rank(b)) })
	out := list[:0]
	for _, e := range list {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

const local = 4 // the rank of addresses that lead nowhere from another PC

func rank(e Endpoint) int {
	if e.URI != "" {
		return 3
	}
	a, err := netip.ParseAddr(e.Host)
	switch a = a.Unmap(); {
	case err != nil && strings.EqualFold(e.Host, "localhost"):
		return local
	case err != nil:
		return 2
	case a.IsLinkLocalUnicast(), a.IsLoopback(), a.IsUnspecified():
		return local
	case a.Is4():
		return 0
	}
	return 1
}

// unreachable tells whether there are addresses, and none leads anywhere.
func unreachable(sorted []Endpoint) bool { return len(sorted) > 0 && rank(sorted[0]) == local }
