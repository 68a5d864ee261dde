package queue_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/queue"
	"inviter/ticket"
)

// answering has the desk write answers and tell one webhook.
func answering(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	var err error
	d.Queue, err = queue.Open(context.Background(), queue.Options{
		DB: d.db, KeyFile: filepath.Join(d.dir, "inviter.key"), Rules: ticket.DefaultRules(), Clock: d.clock.time, Keep: 30 * day,
		Outgoing: ticket.Outgoing{Mail: ticket.MailKinds(), Domain: "example.org", Hooks: []ticket.Hook{{Name: "chat", Kinds: ticket.HookKinds()}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// mail is a delivery that may be answered.
func (d *desk) mail(user string, inv ...invitation.Invitation) ticket.Delivery {
	del := d.delivery(user, inv...)
	del.Reply = ticket.Reply{To: user + "@Example.org", MessageID: fmt.Sprintf("%d@pc", d.items), Subject: "help", Language: "de"}
	return del
}

// mails puts a ticket into the line that came by mail.
func (d *desk) mails(user, name string) ticket.ID {
	d.t.Helper()
	return d.submit(d.mail(user, invite(name, d.clock.time(), time.Hour))).Tickets[0]
}

// due takes what is to be sent, on one channel.
func (d *desk) due(by ticket.Channel) []ticket.Notice {
	d.t.Helper()
	due, _, err := d.Due(context.Background(), by, 100)
	if err != nil {
		d.t.Fatal(err)
	}
	return due
}

// sends takes and sends everything, and tells what it was.
func (d *desk) sends(by ticket.Channel) (said []string) {
	d.t.Helper()
	for _, n := range d.due(by) {
		said = append(said, fmt.Sprintf("%s %d", n.Kind, n.Ticket))
		d.done(n, ticket.Fate{Sent: true})
	}
	return said
}

func (d *desk) done(n ticket.Notice, f ticket.Fate) {
	d.t.Helper()
	if err := d.Done(context.Background(), n, f); err != nil {
		d.t.Fatal(err)
	}
}

func is(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestOutboxSaysEachThingOnce(t *testing.T) {
	t.Parallel()
	d, ctx := answering(t), t.Context()
	d.mails("joe", "first")
	d.clock.pass(time.Second)
	id := d.mails("jane", "a")
	d.submit(d.mail("jane", invite("a", d.clock.time(), time.Hour))) // the same once more
	due := d.due(ticket.ByMail)
	if len(due) != 2 || due[1].Ticket != id || due[1].Kind != ticket.NoticeQueued {
		t.Fatalf("%+v", due)
	}
	n := due[1]
	s, err := d.Status(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if n.Facts.Place != 2 || n.Facts.User != "jane" || n.Status != s || n.Reply.To != "jane@Example.org" || n.Reply.Language != "de" ||
		n.Reply.MessageID == "" || !n.Facts.Expires.Equal(d.get(id).Expires) || !strings.HasSuffix(n.MessageID, "@example.org") || n.Tries != 1 {
		t.Errorf("%+v", n)
	}
	for _, n := range due {
		d.done(n, ticket.Fate{Sent: true})
	}
	d.must(d.Claim(ctx, id, ada))
	d.must(d.Release(ctx, id, ada, 1, ticket.ReasonOther, ""))
	d.must(d.Claim(ctx, id, grace))
	is(t, "claimed twice, said once", d.sends(ticket.ByMail), fmt.Sprintf("claimed %d", id))
	d.must(d.Close(ctx, id, grace, 2, ticket.Solved, ""))
	is(t, "closed", d.sends(ticket.ByMail), fmt.Sprintf("closed %d", id))
	is(t, "hook", d.sends(ticket.ByHook), "queued 1", fmt.Sprintf("queued %d", id), fmt.Sprintf("claimed %d", id), fmt.Sprintf("claimed %d", id))
	is(t, "afterwards", d.sends(ticket.ByMail))
	d.sound()
}

func TestOutboxOfEnds(t *testing.T) {
	t.Parallel()
	d, ctx := answering(t), t.Context()
	old := d.mails("jane", "a")
	d.sends(ticket.ByMail)
	d.clock.pass(time.Minute)
	fresh := d.mails("jane", "b")
	is(t, "superseded", d.sends(ticket.ByMail), fmt.Sprintf("queued %d", fresh), fmt.Sprintf("superseded %d", old))
	d.clock.pass(2 * time.Hour)
	d.run(func() bool { return d.stored(fresh) == "expired" })
	is(t, "expired", d.sends(ticket.ByMail), fmt.Sprintf("expired %d", fresh))
	dead := d.submit(d.mail("jim", invite("c", d.clock.time().Add(-2*time.Hour), time.Hour))).Tickets[0]
	is(t, "dead on arrival", d.sends(ticket.ByMail), fmt.Sprintf("expired %d", dead))
	doubtful := d.mail("eve", invite("d", d.clock.time(), time.Hour))
	doubtful.Quarantine = true
	id := d.submit(doubtful).Tickets[0]
	d.sends(ticket.ByMail)
	d.must(d.Refuse(ctx, id, lead, ""))
	is(t, "refused", d.sends(ticket.ByMail), fmt.Sprintf("refused %d", id))
	own := d.mails("kim", "e")
	d.sends(ticket.ByMail)
	d.must(d.Withdraw(ctx, own))
	is(t, "the user's own end", d.sends(ticket.ByMail))
	d.must(d.Disown(ctx, d.mails("lea", "f")))
	if hooked := d.sends(ticket.ByHook); !slices.ContainsFunc(hooked, func(s string) bool { return strings.HasPrefix(s, "disowned") }) {
		t.Errorf("webhook of what was disowned: %q", hooked)
	}
}

// TestOutboxOvertaken: an answer that was not sent before the end says nothing
// true any more.
func TestOutboxOvertaken(t *testing.T) {
	t.Parallel()
	d, ctx := answering(t), t.Context()
	three := d.mail("jane", invite("a", epoch(), time.Hour), invite("b", epoch().Add(time.Minute), time.Hour), invite("c", epoch().Add(2*time.Minute), time.Hour))
	ids := d.submit(three).Tickets
	is(t, "three in one mail", d.sends(ticket.ByMail), fmt.Sprintf("queued %d", ids[2]))
	id := d.mails("joe", "d")
	n := d.due(ticket.ByMail)[0]
	d.must(d.Claim(ctx, id, ada))
	d.must(d.Close(ctx, id, ada, 1, ticket.Solved, ""))
	d.done(n, ticket.Fate{Error: "421 later"}) // the try that was under way
	is(t, "closed before claimed was sent", d.sends(ticket.ByMail), fmt.Sprintf("closed %d", id))
	d.clock.pass(day)
	is(t, "no more", d.sends(ticket.ByMail))
}

func TestOutboxSilence(t *testing.T) {
	t.Parallel()
	d := answering(t)
	for _, why := range []ticket.Silence{ticket.SilentAutomatic, ticket.SilentInviter, ticket.SilentOld, ticket.SilentNobody} {
		m := d.mail("bot"+string(why), invite(string(why), d.clock.time(), time.Hour))
		m.Reply.Silent = why
		id := d.submit(m).Tickets[0]
		d.must(d.Claim(t.Context(), id, ada))
		bad := d.mail("bot" + string(why))
		bad.Refusal, bad.Reply.Silent = &invitation.Refusal{Code: invitation.Damaged}, why
		d.submit(bad)
	}
	d.wait("share", "x")
	is(t, "silent", d.sends(ticket.ByMail))
	d.submit(d.mail("share2", invite("x", d.clock.time(), time.Hour)))
	if said := d.sends(ticket.ByMail); len(said) != 1 {
		t.Errorf("came by a share first, then by mail: %q", said)
	}
}

func TestOutboxLimits(t *testing.T) {
	t.Parallel()
	d := answering(t)
	refuse := func(code invitation.Code) {
		m := d.mail("jane")
		m.Refusal = &invitation.Refusal{Code: code}
		d.submit(m)
	}
	for range 4 {
		refuse(invitation.Damaged)
	}
	if said := d.sends(ticket.ByMail); len(said) != 2 {
		t.Errorf("the same refusal four times: %q", said)
	}
	for _, code := range []invitation.Code{invitation.BadTime, invitation.TooDeep, invitation.TooLarge, invitation.NoTicket} {
		refuse(code)
	}
	if said := d.sends(ticket.ByMail); len(said) != 3 {
		t.Errorf("beyond five an hour: %q", said)
	}
	d.clock.pass(time.Hour + time.Millisecond)
	refuse(invitation.Damaged)
	if said := d.sends(ticket.ByMail); len(said) != 1 {
		t.Errorf("an hour later: %q", said)
	}
	for n := range 100 {
		d.mails(fmt.Sprint("u", n), fmt.Sprint("i", n))
	}
	if said := d.sends(ticket.ByMail); len(said) != 59 {
		t.Errorf("%d mails at once; one was sent this minute already", len(said))
	}
	if said := d.sends(ticket.ByHook); len(said) != 100 {
		t.Errorf("%d webhook calls, which the mails must not hold up", len(said))
	}
	d.clock.pass(time.Minute + time.Millisecond)
	if said := d.sends(ticket.ByMail); len(said) != 41 {
		t.Errorf("%d mails a minute later", len(said))
	}
}

// TestOutboxTriesAgain: first within 10 s, then ever more slowly, for 24 hours,
// always saying the same; and at once after a start.
func TestOutboxTriesAgain(t *testing.T) {
	t.Parallel()
	d, ctx := answering(t), t.Context()
	d.submit(d.mail("jane", invite("a", d.clock.time(), 20*time.Hour)))
	first := d.due(ticket.ByMail)[0]
	began, last, tries := d.clock.time(), d.clock.time(), 1
	d.done(first, ticket.Fate{Error: "451 greylisted"})
	for range 24 * 60 * 60 / 5 {
		d.clock.pass(5 * time.Second)
		for _, n := range d.due(ticket.ByMail) {
			if tries++; tries == 2 && d.clock.time().Sub(last) > 10*time.Second {
				t.Errorf("first retry after %v", d.clock.time().Sub(last))
			}
			if n.MessageID != first.MessageID || n.Facts != first.Facts || n.Reply != first.Reply || n.Status != first.Status || !n.At.Equal(first.At) {
				t.Fatalf("try %d says %+v, the first said %+v", tries, n, first)
			}
			last = d.clock.time()
			if tries == 3 { // the program dies: the next one begins at once
				if err := d.Awaken(ctx); err != nil {
					t.Fatal(err)
				}
				again := d.due(ticket.ByMail)
				if len(again) != 1 {
					t.Fatalf("after a start: %v", again)
				}
				tries++
			}
			d.done(n, ticket.Fate{Error: "451 greylisted"})
		}
	}
	if tries < 12 || tries > 40 || last.Sub(began) < 20*time.Hour {
		t.Errorf("%d tries, the last after %v", tries, last.Sub(began))
	}
	state := func() ticket.OutboxState {
		s, err := d.Outbox(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := state(); s.Failing || !s.Stuck(d.clock.time()) || s.Stuck(first.At.Add(time.Minute)) || s.Pending < 1 || s.Trying != 1 || s.LastError != "451 greylisted" || !s.Since.Equal(first.At) {
		t.Errorf("%+v", s)
	}
	d.clock.pass(2 * time.Hour)
	for _, n := range d.due(ticket.ByMail) {
		d.done(n, ticket.Fate{Error: "451 greylisted"})
	}
	if s := state(); s.Lost != 1 || s.Trying != 0 || !s.Failing || !s.Stuck(d.clock.time()) {
		t.Errorf("after 24 hours: %+v", s)
	}
	d.clock.pass(day)
	is(t, "given up", d.sends(ticket.ByMail))
}

func TestOutboxNeverAndPurge(t *testing.T) {
	t.Parallel()
	d, ctx := answering(t), t.Context()
	id := d.mails("jane", "a")
	d.done(d.due(ticket.ByMail)[0], ticket.Fate{Never: true, Error: "550 no such user"})
	d.clock.pass(time.Minute)
	is(t, "refused by the server", d.sends(ticket.ByMail))
	d.must(d.Withdraw(ctx, id))
	m := d.mail("joe")
	m.Refusal = &invitation.Refusal{Code: invitation.Damaged}
	d.submit(m)
	d.sends(ticket.ByMail)
	d.sends(ticket.ByHook)
	for _, trace := range []string{"jane@Example.org", "joe@Example.org"} {
		var n int
		if err := d.raw().QueryRow("SELECT count(*) FROM outbox WHERE content LIKE ?", "%"+trace+"%").Scan(&n); err != nil || n > 0 {
			t.Errorf("what was sent still says %s: %d %v", trace, n, err)
		}
	}
	d.clock.pass(40 * day)
	d.run(func() bool { return d.count("outbox")+d.count("reply") == 0 })
}

func TestAlarmTellsEachChangeOnce(t *testing.T) {
	t.Parallel()
	d, ctx := answering(t), t.Context()
	alarm := func(state, why string) {
		t.Helper()
		for range 3 {
			if err := d.Alarm(ctx, []ticket.SourceState{{Name: "mailbox:helpdesk", State: state, LastError: why}, {Name: "share:s", State: ticket.SourceOK}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	alarm(ticket.SourceOK, "")
	is(t, "well", d.sends(ticket.ByHook))
	alarm(ticket.SourceFailing, "no log-in")
	due := d.due(ticket.ByHook)
	if len(due) != 1 || due[0].Kind != ticket.NoticeSourceDown || due[0].Facts.Source != "mailbox:helpdesk" || due[0].Facts.Error != "no log-in" {
		t.Fatalf("%+v", due)
	}
	d.done(due[0], ticket.Fate{Sent: true})
	alarm(ticket.SourceGone, "")
	alarm(ticket.SourceOK, "")
	alarm(ticket.SourceLate, "")
	is(t, "up and down again", d.sends(ticket.ByHook), "source-up 0", "source-down 0")
}
