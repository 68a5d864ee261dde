package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
)

// clocks are several servers on one PostgreSQL. One of them keeps the clock.
type clocks struct {
	t       *testing.T
	db      *private.PostgreSQL
	hosts   []*helpdesk
	servers []*private.Process
	ada     *person
	made    int64
}

func newClocks(t *testing.T, n int) *clocks {
	t.Helper()
	c := &clocks{t: t, db: private.StartPostgreSQL(t)}
	first := newHelpdesk(t)
	for range n {
		h := first.beside(t, c.db.URL(), "[tickets]\nlease = \"1s\"\ngrace = \"1s\"")
		c.hosts, c.servers = append(c.hosts, h), append(c.servers, h.serveAlone())
	}
	c.ada = c.hosts[0].technician("ada", "technician")
	return c
}

// keeper waits until a server that runs keeps the clock, and tells which.
func (c *clocks) keeper() (i int) {
	c.t.Helper()
	eventually(c.t, "somebody keeps the clock", func() error {
		who := c.db.SQL("SELECT who FROM lease WHERE name = 'clock' AND expires > clock_timestamp()")
		i = slices.IndexFunc(c.servers, func(p *private.Process) bool {
			return p != nil && strings.HasPrefix(who, fmt.Sprintf("process %d ", p.PID()))
		})
		if i < 0 {
			return fmt.Errorf("%q keeps it", who)
		}
		return nil
	})
	return i
}

// goes is a server that is there, with ada before it.
func (c *clocks) goes() *person {
	there := *c.ada
	there.url = c.hosts[slices.IndexFunc(c.servers, func(p *private.Process) bool { return p != nil })].url
	return &there
}

// invited hands an invitation in that lives for so long.
func (c *clocks) invited(life time.Duration) int64 {
	c.t.Helper()
	inv := invite(c.made, "user")
	c.made++
	inv.Start, inv.Minutes = time.Now().Add(life-time.Hour), 60
	return c.goes().wants(http.StatusCreated, http.MethodPost, "/tickets", inv.RA2()).ticket(c.t).ID
}

// awaits waits until the log says this of a ticket, exactly once.
func (c *clocks) awaits(id int64, kind string) {
	c.t.Helper()
	eventually(c.t, fmt.Sprintf("ticket %d %s", id, kind), func() error {
		var v struct{ Events []struct{ Kind string } }
		a := c.goes().call(http.MethodGet, fmt.Sprintf("/tickets/%d", id), nil)
		if err := json.Unmarshal(a.Body, &v); err != nil {
			return err
		}
		n := 0
		for _, e := range v.Events {
			if e.Kind == kind {
				n++
			}
		}
		if n != 1 {
			return fmt.Errorf("%d times: %s", n, a.Body)
		}
		return nil
	})
}

// acts sees that the clock acts: one ticket expires, and the claim of another lapses.
func (c *clocks) acts() {
	c.t.Helper()
	idle, soon := c.invited(30*time.Minute), c.invited(time.Second)
	c.goes().wants(http.StatusOK, http.MethodPost, c.ada.on(idle, "claim"), nil)
	c.awaits(soon, "expired")
	c.awaits(idle, "lapsed")
}

// Of several servers on one database one keeps the clock. When it is killed
// another does, and what became due meanwhile is done then; when it ends
// properly, at once; and one that was asleep for so long that it lost the clock
// does no harm when it wakes.
func TestClockIsHandedOn(t *testing.T) {
	t.Parallel()
	c := newClocks(t, 3)
	c.acts()
	i := c.keeper()
	idle := c.invited(30 * time.Minute)
	c.goes().wants(http.StatusOK, http.MethodPost, c.ada.on(idle, "claim"), nil)
	c.servers[i].Kill()
	c.servers[i] = nil
	meanwhile := c.invited(time.Second)
	eventually(t, "nobody gets what has expired, swept or not", func() error {
		if code, _ := c.goes().call(http.MethodPost, c.ada.on(meanwhile, "claim"), nil).problem(); code != "expired" {
			return fmt.Errorf("answered %q", code)
		}
		return nil
	})
	c.awaits(idle, "lapsed")
	c.awaits(meanwhile, "expired")
	c.acts()
	if i = c.keeper(); !allNight() {
		c.servers[i].Stop()
		c.servers[i] = nil
		c.acts()
	} else {
		c.sleeps(i)
	}
	if out := c.hosts[0].must("inviter", "verify"); !strings.Contains(out, ": ok") {
		t.Error(out)
	}
}

// sleeps has the keeper of the clock asleep until it has lost it.
func (c *clocks) sleeps(i int) {
	c.t.Helper()
	asleep := c.servers[i]
	asleep.Pause()
	c.servers[i] = nil
	c.acts()
	asleep.Resume()
	c.servers[i] = asleep
	eventually(c.t, "it answers again", func() error { return c.hosts[i].answers("/readyz", http.StatusOK)(c.t.Context()) })
	c.acts()
}
