package ticket_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

// TestWhatEarnsTrust: a password by voice, somebody connected, and it was solved.
func TestWhatEarnsTrust(t *testing.T) {
	t.Parallel()
	who := ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}
	for name, c := range map[string]struct {
		change func(*ticket.Ticket)
		skip   bool // nobody connected
		end    ticket.End
		want   bool
	}{
		"file with a password": {func(*ticket.Ticket) {}, false, ticket.Solved, true},
		"easy connect":         {func(k *ticket.Ticket) { k.Kind = ticket.EasyConnect }, false, ticket.Solved, true},
		"a contact again":      {func(k *ticket.Ticket) { k.Kind = ticket.EasyConnect; k.Know() }, false, ticket.Solved, true},
		"proven mail":          {func(k *ticket.Ticket) { k.User.Key = ticket.MailKey("j@x", ticket.Proven) }, false, ticket.Solved, true},
		"unsolved":             {func(*ticket.Ticket) {}, false, ticket.Unsolved, false},
		"never connected":      {func(*ticket.Ticket) {}, true, ticket.Solved, false},
		"no password":          {func(k *ticket.Ticket) { k.PasswordRequired = false }, false, ticket.Solved, false},
		"a code":               {func(k *ticket.Ticket) { k.Kind = ticket.Code }, false, ticket.Solved, false},
		"an offer":             {func(k *ticket.Ticket) { k.Kind = ticket.Offer }, false, ticket.Solved, false},
		"nobody knows whom":    {func(k *ticket.Ticket) { k.User.Key = "" }, false, ticket.Solved, false},
		"unproven mail":        {func(k *ticket.Ticket) { k.User.Key = ticket.MailKey("j@x", ticket.Unproven) + " more" }, false, ticket.Solved, false},
		"a doubtful sender":    {func(k *ticket.Ticket) { k.Flags = []ticket.Flag{ticket.DoubtfulSender} }, false, ticket.Solved, false},
		"two claim the name":   {func(k *ticket.Ticket) { k.Flags = []ticket.Flag{ticket.SenderConflict} }, false, ticket.Solved, false},
	} {
		d := newDesk(t)
		k := d.submit(epoch)
		k.PasswordRequired = true
		c.change(k)
		d.must(d.of(k).Claim(who))
		if !c.skip {
			d.must(d.of(k).Connect(who, 1))
		}
		last := d.of(k)
		d.must(last.Close(who, 1, c.end, ""))
		got := false
		for _, e := range last.Events {
			got = got || e.Kind == ticket.EventTrusted && e.By == "ada" && e.Claim == 1
		}
		if got != c.want {
			t.Errorf("%s: trusted %v", name, got)
		}
	}
}

func TestTrustEnds(t *testing.T) {
	t.Parallel()
	trust := ticket.Trust{Since: epoch, Used: epoch.Add(time.Hour)}
	last := epoch.Add(time.Hour + 180*24*time.Hour)
	if !trust.Alive(last.Add(-1)) || trust.Alive(last) || !trust.Ends().Equal(last) {
		t.Errorf("ends %v", trust.Ends())
	}
}

func TestSameAsker(t *testing.T) {
	t.Parallel()
	jane := ticket.User{Name: "Jane Doe", Phone: "2214", Address: "jane@example.org"}
	for _, c := range []struct {
		who  ticket.User
		want bool
	}{
		{ticket.User{Name: "jane doe", Phone: "2214"}, true}, {ticket.User{Name: "Jane Doe", Address: "Jane@example.org"}, true},
		{ticket.User{Name: "Tom", Phone: "2214"}, false}, {ticket.User{Name: "Jane Doe", Phone: "2215"}, false}, {ticket.User{Name: "Jane Doe"}, false}, {ticket.User{}, false},
	} {
		if got := jane.SameAsker(c.who); got != c.want {
			t.Errorf("%+v: %v", c.who, got)
		}
	}
	if (ticket.User{Name: "x"}).SameAsker(ticket.User{Name: "x"}) {
		t.Error("a name alone is nobody")
	}
}
