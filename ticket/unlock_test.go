package ticket_test

import (
	"errors"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

// lock is a file on which passwords were tried before.
type lock struct {
	tries []time.Time
	fault error
	tried int
	at    []invitation.Endpoint
}

func (l *lock) Tries(since time.Time) (n int, first time.Time, err error) {
	for _, at := range l.tries {
		if at.After(since) {
			if n == 0 {
				first = at
			}
			n++
		}
	}
	return n, first, nil
}

func (l *lock) Try() (invitation.Verdict, []invitation.Endpoint, error) {
	l.tried++
	return invitation.Wrong, l.at, l.fault
}

func TestOnlyTheHolderTriesPasswords(t *testing.T) {
	t.Parallel()
	d, l := newDesk(t), &lock{}
	a := d.submit(d.now)
	d.refuses(d.of(a).Unlock(ada, 1, l), ticket.CodeNotHolder) // nobody holds it
	d.must(d.of(a).Claim(ada))
	d.refuses(d.of(a).Unlock(grace, 1, l), ticket.CodeNotHolder)
	d.refuses(d.of(a).Unlock(ada, 2, l), ticket.CodeNotHolder)
	d.refuses(d.of(a).Unlock(ada, 0, l), ticket.CodeBadRequest)
	a.Kind = ticket.Code
	d.refuses(d.of(a).Unlock(ada, 1, l), ticket.CodeBadRequest)
	a.Kind = ticket.File
	if l.tried != 0 {
		t.Fatal("the file was tried for somebody who may not")
	}
	d.after(time.Minute)
	c := d.of(a)
	d.must(c.Unlock(ada, 1, l))
	if e := c.Events; len(e) != 1 || e[0].Kind != ticket.EventChecked || e[0].By != "ada" || e[0].Claim != 1 || e[0].Other != "wrong" || e[0].Note != "" {
		t.Errorf("noted %+v", e)
	}
	if !a.Claim.LeaseUntil.Equal(d.now.Add(ticket.DefaultRules().Lease)) {
		t.Error("a try is a sign of life, but the lease was not renewed")
	}
	d.must(d.of(a).Close(ada, 1, ticket.Solved, ""))
	d.refuses(d.of(a).Unlock(ada, 1, l), ticket.CodeClosed)
}

func TestTooManyTries(t *testing.T) {
	t.Parallel()
	d, l := newDesk(t), &lock{}
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	began := d.now
	for range ticket.MaxTries {
		d.must(d.of(a).Unlock(ada, 1, l))
		l.tries = append(l.tries, d.now)
		d.after(time.Second)
	}
	c := d.of(a)
	r := d.refuses(c.Unlock(ada, 1, l), ticket.CodeTooMany)
	if !r.Until.Equal(began.Add(time.Minute)) || l.tried != ticket.MaxTries || len(c.Events) != 0 {
		t.Errorf("refused %+v after %d tries, noted %v", r, l.tried, c.Events)
	}
	d.now = began.Add(time.Minute) // the first try is a minute old
	d.must(d.of(a).Unlock(ada, 1, l))
}

func TestAFaultIsNoVerdict(t *testing.T) {
	t.Parallel()
	d, l := newDesk(t), &lock{fault: errors.New("disk")}
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	if c := d.of(a); !errors.Is(c.Unlock(ada, 1, l), l.fault) || len(c.Events) != 0 {
		t.Errorf("noted %v", c.Events)
	}
}
