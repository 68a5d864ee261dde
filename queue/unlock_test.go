package queue_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"inviter/database/databasetest"
	"inviter/invitation"
	"inviter/invitation/sample"
	"inviter/queue"
	"inviter/ticket"
)

const secret = "CANARYPW2345"

// locked puts an invitation into the line whose addresses only the password
// opens, or one that has them in the open.
func (d *desk) locked(write func(sample.Invitation) []byte) ticket.ID {
	d.t.Helper()
	d.items++
	s := sample.Invitation{
		User: "PC7\\jane", Password: secret, Start: d.clock.time(), Minutes: 60, Seed: int64(d.items),
		Endpoints: []string{"169.254.77.66:51234", "10.77.66.55:51234"},
	}
	inv, err := invitation.Parse(write(s))
	if err != nil {
		d.t.Fatal(err)
	}
	return d.submit(d.delivery(fmt.Sprint("user", d.items), inv)).Tickets[0]
}

func TestUnlock(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := newDesk(t)
	best := []invitation.Endpoint{{Host: "10.77.66.55", Port: 51234}, {Host: "169.254.77.66", Port: 51234}}
	for _, c := range []struct {
		name, password string
		write          func(sample.Invitation) []byte
		verdict        invitation.Verdict
		endpoints      []invitation.Endpoint
	}{
		{"right", secret, sample.Invitation.RA2, invitation.Right, best},
		{"wrong", secret + "x", sample.Invitation.RA2, invitation.Wrong, nil},
		{"type 1", secret, sample.Invitation.RA1, invitation.Unverifiable, best},
	} {
		id := d.locked(c.write)
		d.must(d.Claim(ctx, id, ada))
		verdict, endpoints, err := d.Unlock(ctx, id, ada, 1, c.password)
		if err != nil || verdict != c.verdict || !reflect.DeepEqual(endpoints, c.endpoints) {
			t.Errorf("%s: %s %v %v", c.name, verdict, endpoints, err)
		}
		history, err := d.History(ctx, id)
		if err != nil || history[len(history)-1].Kind != ticket.EventChecked || history[len(history)-1].Other != string(c.verdict) {
			t.Errorf("%s: history %+v, %v", c.name, history, err)
		}
	}
	_, _, err := d.Unlock(ctx, 999, ada, 1, secret)
	refused(t, err, ticket.CodeUnknown)
	d.sound()
}

// TestTriesAreBoundedAcrossRestarts: the log counts them, not the process.
func TestTriesAreBoundedAcrossRestarts(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := newDesk(t)
	id, other := d.locked(sample.Invitation.RA2), d.locked(sample.Invitation.RA2)
	d.must(d.Claim(ctx, id, ada))
	d.must(d.Claim(ctx, other, ada))
	for i := range ticket.MaxTries {
		if _, _, err := d.Unlock(ctx, id, ada, 1, fmt.Sprint("guess", i)); err != nil {
			t.Fatal(err)
		}
		_, _, err := d.Unlock(ctx, id, grace, 1, "not hers")
		refused(t, err, ticket.CodeNotHolder)
	}
	d.restart()
	_, _, err := d.Unlock(ctx, id, ada, 1, secret)
	if r := refused(t, err, ticket.CodeTooMany); !r.Until.Equal(epoch().Add(time.Minute)) {
		t.Errorf("until %v", r.Until)
	}
	if verdict, _, err := d.Unlock(ctx, other, ada, 1, secret); err != nil || verdict != invitation.Right {
		t.Errorf("another ticket: %s %v", verdict, err)
	}
	d.clock.pass(time.Minute)
	if verdict, _, err := d.Unlock(ctx, id, ada, 1, secret); err != nil || verdict != invitation.Right {
		t.Errorf("a minute later: %s %v", verdict, err)
	}
}

// TestPasswordLeavesNoTrace looks for the password and for what it opened in
// every file of the folder and in the log, at its most talkative.
func TestPasswordLeavesNoTrace(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := newDesk(t)
	var log bytes.Buffer
	var err error
	d.Queue, err = queue.Open(ctx, queue.Options{
		DB: d.db, KeyFile: filepath.Join(d.dir, "inviter.key"), Rules: ticket.DefaultRules(), Clock: d.clock.time,
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	id := d.locked(sample.Invitation.RA2)
	d.must(d.Claim(ctx, id, ada))
	for _, password := range []string{secret, "WRONG" + secret} {
		if _, _, err := d.Unlock(ctx, id, ada, 1, password); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(log.String(), "checked") {
		t.Errorf("the log doesn't say that a password was tried: %s", log.String())
	}
	all := databasetest.Kept(t, d.dir)
	all["log"] = log.Bytes()
	for name, content := range all {
		for _, canary := range []string{secret, "C\x00A\x00N\x00A\x00R\x00Y\x00", "10.77.66.55", "169.254.77.66"} {
			if bytes.Contains(content, []byte(canary)) {
				t.Errorf("%s holds %q", name, canary)
			}
		}
	}
}
