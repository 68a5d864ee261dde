package mailbox

import (
	"strings"
	"testing"

	"inviter/carrier"
	"inviter/ticket"
)

// Fields as they stand on top of a mail from jane@example.org, for a server
// that calls itself mx.desk.example.
func TestProof(t *testing.T) {
	t.Parallel()
	const ours, theirs = "Received: from pc.example.net by mx.desk.example with ESMTPS\n", "Received: from a by relay.evil.example\n"
	const results = "Authentication-Results: mx.desk.example; "
	for name, c := range map[string]struct {
		head string
		want bool
	}{
		"dmarc":                         {ours + results + "dmarc=pass header.from=example.org\n", true},
		"dmarc, above Received":         {results + "dmarc=pass (p=none; dis=none) header.from=example.org\n" + ours + theirs, true},
		"dmarc without a name":          {results + "dmarc=pass\n", true},
		"id in capitals, version":       {"authentication-results: MX.Desk.Example 1; DMARC=Pass header.from=Example.Org\n", true},
		"dkim, aligned":                 {results + "dkim=pass header.d=example.org header.s=a\n", true},
		"dkim by identity":              {results + "dkim=pass header.i=@example.org\n", true},
		"dkim from below":               {results + "dkim=pass header.d=mail.example.org\n", true},
		"spf, aligned":                  {results + "spf=pass smtp.mailfrom=bounce@example.org\n", true},
		"second of several":             {results + "dkim=fail header.d=example.org; dkim=pass header.d=a.net; spf=pass smtp.mailfrom=example.org\n", true},
		"dmarc=none, dkim aligned":      {results + "dmarc=none header.from=example.org; dkim=pass header.d=example.org\n", true},
		"inner hops":                    {"Received: from mx.desk.example by store.desk.example with LMTP\nReceived: by 2002:a05:7022:1::1 with SMTP\nReceived: by 10.1.2.3\n" + ours + results + "dmarc=pass\n", true},
		"another's results on top":      {"Authentication-Results: other.desk.example; dmarc=fail\n" + results + "dmarc=pass\n", true},
		"nothing":                       {ours, false},
		"none":                          {results + "none\n", false},
		"all failed":                    {results + "dmarc=fail header.from=example.org; spf=pass smtp.mailfrom=example.org\n", false},
		"dkim, not aligned":             {results + "dkim=pass header.d=evil.example\n", false},
		"spf, not aligned":              {results + "spf=pass smtp.mailfrom=eve@evil.example\n", false},
		"spf of the greeting":           {results + "spf=pass smtp.helo=example.org\n", false},
		"softfail":                      {results + "spf=softfail smtp.mailfrom=example.org\n", false},
		"like ours at the end":          {results + "dkim=pass header.d=notexample.org\n", false},
		"above everything":              {results + "dkim=pass header.d=org\n", false},
		"dmarc for another":             {results + "dmarc=pass header.from=evil.example\n", false},
		"forged, another's id":          {"Authentication-Results: mx.evil.example; dmarc=pass header.from=example.org\n", false},
		"forged, like our id":           {"Authentication-Results: mx.desk.example.evil.example; dmarc=pass\n", false},
		"forged below a foreign hop":    {ours + theirs + results + "dmarc=pass header.from=example.org\n", false},
		"forged below ours":             {ours + results + "dmarc=fail header.from=example.org\n" + results + "dmarc=pass header.from=example.org\n", false},
		"forged below, ours says less":  {results + "spf=none\n" + ours + results + "dmarc=pass\n", false},
		"forged below a public address": {"Received: from x by 192.0.2.1\n" + results + "dmarc=pass\n", false},
		"forged below a named host":     {"Received: from mx.desk.example (by mx.desk.example) by evil.example\n" + results + "dmarc=pass\n", false},
		"forged in a comment":           {results + "spf=fail (told: x; dmarc=pass header.from=example.org) smtp.mailfrom=evil.example\n", false},
		"forged in a nested comment":    {results + "spf=fail (a (b) \\) ; dmarc=pass) smtp.mailfrom=evil.example\n", false},
		"forged in quotes":              {results + "spf=fail smtp.mailfrom=\"; dmarc=pass header.from=example.org; x=\"@evil.example\n", false},
		"comment without end":           {results + "dmarc=pass (so\n", false},
		"malformed":                     {results + "dmarc pass\n", false},
		"another version":               {"Authentication-Results: mx.desk.example 2; dmarc=pass\n", false},
		"two authors":                   {results + "dmarc=pass\nFrom: eve@evil.example\n", false},
	} {
		h := carrier.Mail([]byte(c.head+"From: Jane <jane@example.org>\n\nhelp\n"), carrier.DefaultLimits()).Header
		if got := proof(h, "mx.desk.example") == ticket.Proven; got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if proof(h, "") != ticket.Unproven {
			t.Errorf("%s: proven by nobody", name)
		}
	}
}

func TestProofNeedsAnAddress(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]ticket.Proof{
		"jane@example.org": ticket.Proven, `"x proven" <"a b"@example.org>`: ticket.Unproven, "jane": ticket.Unproven,
		"a@example.org, b@example.org": ticket.Unproven, "": ticket.Unproven,
	} {
		h := carrier.Mail([]byte("Authentication-Results: mx; dmarc=pass\nFrom: "+from+"\n\n"), carrier.DefaultLimits()).Header
		if got := proof(h, "mx"); got != want {
			t.Errorf("%q: %s", from, got)
		}
	}
}

func TestSameHouse(t *testing.T) {
	t.Parallel()
	for pair, want := range map[string]bool{
		"mx.a.org mx.a.org": true, "store.a.org mx.a.org": true, "a.org mx.a.org": true, "deep.store.a.org mx.a.org": true,
		"mx.a.org a.org": true, "localhost mx.a.org": true, "b.org a.org": false, "ba.org a.org": false, "org a.org": false,
		"b.co.uk a.co.uk": false, "mx.b.co.uk mx.a.co.uk": false, "x.a.co.uk mx.a.co.uk": true, "mx mx": true, "evil mx": false,
	} {
		by, id, _ := strings.Cut(pair, " ")
		if got := sameHouse(by, id); got != want {
			t.Errorf("%s: %v", pair, got)
		}
	}
}

func TestUnprovenSendersAreDoubtful(t *testing.T) {
	t.Parallel()
	s := Senders{Allow: []string{"example.org"}, AuthservID: "mx"}
	if why := s.doubt("jane@example.org", ticket.Proven); why != "" {
		t.Errorf("proven and allowed: %s", why)
	}
	a, b := s.doubt("jane@example.org", ticket.Unproven), s.doubt("eve@example.com", ticket.Proven)
	if a == "" || b == "" || a == b {
		t.Errorf("unproven %q, not allowed %q", a, b)
	}
	s.AuthservID = ""
	if why := s.doubt("jane@example.org", ticket.Unproven); why != "" {
		t.Errorf("nothing is checked: %s", why)
	}
}

func TestUserKeysTellProof(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, c := range map[string]struct {
		outer, inner string
		p            ticket.Proof
	}{
		"proven":                {"jane@example.org", "", ticket.Proven},
		"unproven":              {"jane@example.org", "", ticket.Unproven},
		"forwarded by a proven": {"bob@example.org", "jane@example.org", ticket.Proven},
		"forwarded by a forger": {"bob@example.org", "jane@example.org", ticket.Unproven},
	} {
		u, _ := user(carrier.Content{Header: carrier.Header{From: c.outer}, Inner: carrier.Header{From: c.inner}}, c.p)
		if other := seen[u.Key]; other != "" || u.Address != "jane@example.org" {
			t.Errorf("%s: %+v, the same as %s", name, u, other)
		}
		seen[u.Key] = name
	}
	proven, _ := user(carrier.Content{Header: carrier.Header{From: "Jane@example.org"}}, ticket.Proven)
	if again, _ := user(carrier.Content{Header: carrier.Header{From: "jane@example.org"}, Inner: carrier.Header{From: "Jane@Example.org"}},
		ticket.Proven); again.Key != proven.Key || proven.Key != "mail:jane@example.org proven" {
		t.Errorf("her own forward: %q, %q", again.Key, proven.Key)
	}
}
