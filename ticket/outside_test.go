package ticket_test

import (
	"net/netip"
	"testing"

	"inviter/invitation"
	"inviter/ticket"
)

func TestAddressesOutsideTheNetworksAreFlagged(t *testing.T) {
	t.Parallel()
	rules := ticket.DefaultRules()
	ours := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name    string
		allowed []netip.Prefix
		at      []invitation.Endpoint
		want    bool
	}{
		{"no networks named", nil, []invitation.Endpoint{{Host: "203.0.113.9", Port: 1}}, false},
		{"no address readable", ours, nil, false},
		{"inside", ours, []invitation.Endpoint{{Host: "10.20.4.117", Port: 1}, {Host: "fd12::7", Port: 1}, {Host: "::ffff:10.0.0.1", Port: 1}}, false},
		{"outside", ours, []invitation.Endpoint{{Host: "203.0.113.9", Port: 1}}, true},
		{"one of several", ours, []invitation.Endpoint{{Host: "10.1.1.1", Port: 1}, {Host: "2001:db8::1", Port: 1}}, true},
		{"mapped", ours, []invitation.Endpoint{{Host: "::ffff:203.0.113.9", Port: 1}}, true},
		{"its own link", ours, []invitation.Endpoint{{Host: "169.254.1.2", Port: 1}, {Host: "fe80::1%4", Port: 1}, {Host: "::1", Port: 1}, {Host: "10.1.1.1", Port: 1}}, false},
		{"a name", ours, []invitation.Endpoint{{Host: "pc7.example.org", Port: 1}}, true},
		{"a URI inside", ours, []invitation.Endpoint{{URI: "wss://10.0.0.7/ra"}}, false},
		{"a URI outside", ours, []invitation.Endpoint{{URI: "wss://[2001:db8::1]:443/ra"}}, true},
		{"a URI of nothing", ours, []invitation.Endpoint{{URI: "%zz"}}, true},
	} {
		rules.Networks = c.allowed
		got := ticket.New(ticket.Delivery{}, invitation.Invitation{Endpoints: c.at}, rules, epoch)
		if got.Has(ticket.OutsideNetworks) != c.want {
			t.Errorf("%s: flags %v, want outside %v", c.name, got.Flags, c.want)
		}
	}
}

// TestAddressesBehindAPasswordAreFlaggedOnceKnown: where only the password
// opens them, the holder is told as soon as it fits.
func TestAddressesBehindAPasswordAreFlaggedOnceKnown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	c := d.of(a)
	c.Rules.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	d.must(c.Unlock(ada, 1, &lock{at: []invitation.Endpoint{{Host: "10.0.0.1", Port: 1}}}))
	if a.Has(ticket.OutsideNetworks) {
		t.Error("an address inside is flagged")
	}
	d.must(c.Unlock(ada, 1, &lock{at: []invitation.Endpoint{{Host: "203.0.113.9", Port: 1}}}))
	if !a.Has(ticket.OutsideNetworks) {
		t.Error("an address outside is not flagged once it is known")
	}
}
