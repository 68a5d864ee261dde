package e2e_test

import (
	"path/filepath"
	"testing"
	"time"

	"inviter/e2e/private"
)

// TestHistoryOnPostgresIsLinearizable is the same crowd at three servers and
// four other processes on one PostgreSQL. They are killed -9 and started again,
// and the connections to the database are cut: in the middle of commits, before
// the database hears of them and after, and now and then all at once.
func TestHistoryOnPostgresIsLinearizable(t *testing.T) {
	t.Parallel()
	total, kills := int64(3_000), int64(3)
	if allNight() {
		total, kills = 120_000, 60
	}
	db := private.StartPostgreSQL(t)
	relay := private.NewRelay(t, db.Address())
	url := "postgres://inviter@" + relay.Addr + "/postgres?sslmode=disable"
	first := newHelpdesk(t)
	var desks []*helpdesk
	for range 3 {
		desks = append(desks, first.beside(t, url, ""))
	}
	c := newCrowd(t, total, clerkPlace{URL: url, KeyFile: filepath.Join(first.dir, "inviter.key")}, desks...)
	stop, cuts := make(chan struct{}), make(chan int)
	c.relay = relay
	go func() { cuts <- c.cutUntil(stop) }()
	c.suffer(kills)
	close(stop)
	n := <-cuts
	t.Logf("%d cuts, %d requests at two servers at once", n, c.twins.Load())
	if n < 10 {
		t.Error("too few cuts")
	}
	c.judge()
}

// cutUntil cuts connections again and again, with some verbs in between, and
// tells how often.
func (c *crowd) cutUntil(stop <-chan struct{}) (cuts int) {
	for ; ; cuts++ {
		c.starting.Lock()
		if cuts%10 == 9 {
			c.relay.Cut()
		} else {
			c.relay.CutWhen("COMMIT\x00", private.CutAt(cuts%3))
		}
		c.starting.Unlock()
		if !c.until(c.done()+between, stop) {
			return cuts
		}
		for c.relay.Pending() {
			select {
			case <-stop:
				return cuts
			case <-time.After(time.Millisecond):
			}
		}
	}
}

// between is how many verbs are begun between two cuts, at least.
const between = 40
