package mailbox

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/ticket"
)

func TestMarkComesBackAsItWas(t *testing.T) {
	t.Parallel()
	for _, k := range []mark{
		{position: 4294967295, base: 7, since: -5, quiet: 3, validity: 1, folder: "INBOX"},
		{position: 0, base: 1, since: 1795262394, validity: 4294967295, folder: "a;b;1;2"},
	} {
		got, ok := parseMark(k.String())
		if !ok || got != k {
			t.Errorf("%q: %+v, %v", k, got, ok)
		}
		if uid, ok := k.uid(k.item(42)); !ok || uid != 42 {
			t.Errorf("%q: %d, %v", k.item(42), uid, ok)
		}
	}
	here := mark{validity: 9, folder: "INBOX"}
	for _, foreign := range []string{"", ";", "INBOX", "INBOX;9", "INBOX;8;1", "Other;9;1", "INBOX;9;", "INBOX;9;x", "INBOX;9;99999999999"} {
		if uid, ok := here.uid(foreign); ok {
			t.Errorf("%q was taken for mail %d of this folder", foreign, uid)
		}
	}
}

func FuzzMark(f *testing.F) {
	f.Add("1;2;3;4;5;INBOX")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		k, ok := parseMark(s)
		if !ok {
			return
		}
		if again, ok := parseMark(k.String()); !ok || again != k {
			t.Errorf("%q: %+v, then %+v, %v", s, k, again, ok)
		}
	})
}

func TestMarkFollowsTheFolder(t *testing.T) {
	t.Parallel()
	now, first := time.Unix(1000+7200, 0), 2*time.Hour
	old := mark{position: 9, base: 5, since: 500, validity: 1, folder: "INBOX"}
	for name, c := range map[string]struct {
		old      mark
		validity uint32
		want     mark
		fresh    bool
	}{
		"as ever":      {old, 1, old, false},
		"renumbered":   {old, 2, mark{since: 500, quiet: 4600, validity: 2, folder: "INBOX"}, true},
		"another one":  {mark{position: 9, base: 5, since: 500, validity: 1, folder: "Old"}, 1, mark{since: 1000, quiet: 4600, validity: 1, folder: "INBOX"}, true},
		"never before": {mark{}, 7, mark{since: 1000, quiet: 4600, validity: 7, folder: "INBOX"}, true},
	} {
		if got, fresh := c.old.follow("INBOX", c.validity, now, first); got != c.want || fresh != c.fresh {
			t.Errorf("%s: %+v, %v; want %+v, %v", name, got, fresh, c.want, c.fresh)
		}
	}
}

func TestFolderNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n            names
		folder, want string
	}{
		{names{"", "/"}, "Inviter/Processed", "Inviter/Processed"},
		{names{"", "/"}, "inbox", "INBOX"},
		{names{"", "."}, "Inviter/Processed", "Inviter.Processed"},
		{names{"INBOX.", "."}, "Inviter/Processed", "INBOX.Inviter.Processed"},
		{names{"INBOX.", "."}, "inbox/Processed", "INBOX.Processed"},
		{names{"INBOX.", "."}, "INBOX.Processed", "INBOX.Processed"},
		{names{"~/mail/", "/"}, "Done", "~/mail/Done"},
		{names{"", `\`}, "Inviter/Processed", `Inviter\Processed`},
		{names{"", ""}, "Inviter/Processed", "Inviter-Processed"},
	} {
		if got := c.n.write(c.folder); got != c.want {
			t.Errorf("%+v: %q becomes %q, want %q", c.n, c.folder, got, c.want)
		}
	}
}

// feed gives the meter its bytes in pieces of every size.
func feed(s string, most int64, piece int) error {
	m := meter{most: most, number: -1}
	for b := range slices.Chunk([]byte(s), piece) {
		if err := m.add(b); err != nil {
			return err
		}
	}
	return nil
}

func TestMeter(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("(", deepest+1)
	for name, c := range map[string]struct {
		answers string
		over    bool
	}{
		"many small ones":         {strings.Repeat("* OK fine\r\n", 1000), false},
		"one long line":           {"* OK " + strings.Repeat("x", 1100) + "\r\n", true},
		"a long quoted string":    {`* X "` + strings.Repeat("x", 1100) + "\"\r\n", true},
		"nested":                  {"* X " + strings.Repeat("(", 400) + strings.Repeat(")", 400) + "\r\n", false},
		"nested too deep":         {"* X " + deep, true},
		"deep, but line by line":  {strings.Repeat("* X ((((((((((\r\n", 200), false},
		"deep inside quotes":      {`* X "` + deep + "\"\r\n", false},
		"deep after a quote":      {`* X "a\"b" ` + deep, true},
		"deep inside a literal":   {"* X {700}\r\n" + strings.Repeat("(", 700) + "\r\n", false},
		"deep after a literal":    {"* X {3}\r\n((( " + deep, true},
		"literals add up":         {"* X ({600}\r\n" + strings.Repeat("a", 600) + " {600}\r\n" + strings.Repeat("b", 600), true},
		"literals of two answers": {strings.Repeat("* X {600}\r\n"+strings.Repeat("a", 600)+"\r\n", 3), false},
		"an announced giant":      {"* X {999999999999999999999999}\r\n", true},
		"an empty literal":        {"* X {0}\r\n)\r\n" + strings.Repeat("* OK\r\n", 400), false},
		"braces in text":          {"* OK {12} fine\r\n" + strings.Repeat("* OK\r\n", 400), false},
		"a lone quote":            {"* OK it\"s fine\r\n" + "* X " + deep, true},
	} {
		for _, piece := range []int{1, 7, 1 << 20} {
			if err := feed(c.answers, 1000, piece); errors.Is(err, errAnswer) != c.over {
				t.Errorf("%s, in pieces of %d: %v, want over %v", name, piece, err, c.over)
			}
		}
	}
}

func FuzzMeter(f *testing.F) {
	f.Add([]byte("* X ({3}\r\nabc \"q\\\"\")\r\n"), 3)
	f.Fuzz(func(t *testing.T, b []byte, piece int) {
		piece = max(1, min(piece, len(b)+1))
		whole, parts := feed(string(b), 100, len(b)+1), feed(string(b), 100, piece)
		if (whole == nil) != (parts == nil) {
			t.Errorf("in one piece %v, in pieces of %d %v", whole, piece, parts)
		}
	})
}

func TestSenderPolicy(t *testing.T) {
	t.Parallel()
	list := []string{"example.org", "ann@example.com", "@example.net"}
	for address, want := range map[string]bool{
		"jane@example.org": true, "JANE@EXAMPLE.ORG": true, "ann@example.com": true, "x@example.net": true,
		"bob@example.com": false, "jane@sub.example.org": false, "jane@example.org.evil.net": false, "": false, "example.org": false,
	} {
		if got := (Senders{Allow: list}).allows(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
	if !(Senders{}).allows("") {
		t.Error("without a list anybody may")
	}
	mail := func() ticket.Delivery {
		return ticket.Delivery{From: ticket.User{Address: "bob@example.com"}, Invitations: make([]invitation.Invitation, 1)}
	}
	for what, check := range map[string]func(ticket.Delivery) bool{
		"":         func(d ticket.Delivery) bool { return len(d.Flags) == 1 && !d.Quarantine && len(d.Invitations) == 1 },
		Queue:      func(d ticket.Delivery) bool { return len(d.Flags) == 1 && !d.Quarantine && len(d.Invitations) == 1 },
		Quarantine: func(d ticket.Delivery) bool { return d.Quarantine && len(d.Invitations) == 1 },
		Refuse: func(d ticket.Delivery) bool {
			return len(d.Invitations) == 0 && d.Refusal != nil && d.Refusal.Code == NotAllowed
		},
	} {
		d := mail()
		if (Senders{Allow: list, Doubtful: what}).apply(&d, ticket.Unproven); !check(d) {
			t.Errorf("%q: %+v", what, d)
		}
	}
	ordinary := ticket.Delivery{From: ticket.User{Address: "bob@example.com"}}
	if (Senders{Allow: list, Doubtful: Refuse}).apply(&ordinary, ticket.Unproven); ordinary.Refusal != nil || len(ordinary.Flags) > 0 {
		t.Errorf("ordinary mail: %+v", ordinary)
	}
}

func TestUserKeys(t *testing.T) {
	t.Parallel()
	of := func(outer, inner string) ticket.User {
		u, _ := user(carrier.Content{Header: carrier.Header{From: outer}, Inner: carrier.Header{From: inner}}, ticket.Unproven)
		return u
	}
	if a, b := of("Jane@Example.org", ""), of("jane@example.org", ""); a.Key != b.Key || a.Key == "" {
		t.Errorf("one address, two users: %q, %q", a.Key, b.Key)
	}
	if u := of("", ""); u.Key != "" {
		t.Errorf("nobody is somebody: %q", u.Key)
	}
	direct, forwarded := of("jane@example.org", ""), of("bob@example.org", "jane@example.org")
	if direct.Key == forwarded.Key || forwarded.Address != "jane@example.org" {
		t.Errorf("who forwards can push out what the user sent: %+v", forwarded)
	}
}

func TestSkewIsBelievedWithinADay(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for off, want := range map[time.Duration]time.Duration{
		0: 0, time.Hour: time.Hour, -7 * time.Hour: -7 * time.Hour, 25 * time.Hour: 0, -25 * time.Hour: 0,
	} {
		if got := skew(carrier.Header{Date: at, First: at.Add(off)}); got != want {
			t.Errorf("off by %v: %v, want %v", off, got, want)
		}
	}
	if got := skew(carrier.Header{Date: at}); got != 0 {
		t.Errorf("without a trace: %v", got)
	}
}
