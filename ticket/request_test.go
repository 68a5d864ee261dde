package ticket_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"inviter/ticket"
)

func TestNamesComputer(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"PC-0417", "pc17.example.org", "10.20.3.17", "fd00::17", "my_pc", "4711-lab", "a.b.c", "sip._tcp.x", strings.Repeat("a", 63), "lab3"} {
		if !ticket.NamesComputer(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{
		"", " ", "-pc", "/offerra", "pc 17", "pc;calc", `\\pc`, "pc/x", "pc\"", "pc&whoami", "$(pc)", "1.2.3.999", "10.0.0", "12", "0.0.0.0", "::", "224.0.0.1", "fe80::1%eth0",
		"pc.", ".pc", "pc..org", "pc-", "pç", "pc\n", strings.Repeat("a", 64), strings.Repeat("a.", 130) + "a",
	} {
		if ticket.NamesComputer(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestRequestsWithoutAFile(t *testing.T) {
	t.Parallel()
	rules := ticket.DefaultRules()
	rules.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	offer := ticket.Request{Kind: ticket.Offer, Source: "upload", From: ticket.User{Name: "Jane"}, Computer: "PC-17", Note: "beeps"}
	got, err := ticket.NewRequest(offer, rules, epoch)
	if err != nil || got.State != ticket.Waiting || got.Kind != ticket.Offer || got.User.Key != "computer:pc-17" || got.Endpoints[0].Host != "PC-17" ||
		!got.Expires.Equal(epoch.Add(rules.Lifetime)) || got.PasswordRequired || len(got.Flags) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	offer.Computer = "192.0.2.1"
	if got, err := ticket.NewRequest(offer, rules, epoch); err != nil || !got.Has(ticket.OutsideNetworks) {
		t.Errorf("%+v %v", got, err)
	}
	easy := ticket.Request{Kind: ticket.EasyConnect, Source: "upload", From: ticket.User{Name: "Jane", Phone: "2214"}, Quarantine: true}
	got, err = ticket.NewRequest(easy, rules, epoch)
	if err != nil || got.State != ticket.Quarantined || !got.PasswordRequired || !got.Expires.Equal(epoch.Add(30*time.Minute)) || got.Endpoints != nil {
		t.Errorf("%+v %v", got, err)
	}
	rules.Lifetime, rules.MaxLifetime = time.Hour, 10*time.Minute
	if got, err := ticket.NewRequest(easy, rules, epoch); err != nil || !got.Expires.Equal(epoch.Add(10*time.Minute)) {
		t.Errorf("%+v %v", got, err)
	}
	for detail, r := range map[string]ticket.Request{
		"user": {Kind: ticket.EasyConnect, From: ticket.User{Phone: "1"}}, "contact": {Kind: ticket.EasyConnect, From: ticket.User{Name: "x"}}, "kind": {Kind: ticket.File},
	} {
		_, err := ticket.NewRequest(r, rules, epoch)
		if no := refusal(err); no == nil || no.Code != ticket.CodeBadRequest || no.Detail != detail {
			t.Errorf("%s: %v", detail, err)
		}
	}
	_, err = ticket.NewRequest(ticket.Request{Kind: ticket.Offer, Computer: "a b"}, rules, epoch)
	if no := refusal(err); no == nil || no.Code != ticket.CodeBadComputer {
		t.Errorf("%v", err)
	}
}
