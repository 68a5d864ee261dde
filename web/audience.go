package web

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"inviter/ticket"
)

// audience is everybody who has a stream open.
type audience struct {
	mu      sync.Mutex
	seats   map[*seat]struct{}
	open    map[string]int // seats, by what they are of
	over    bool           // whoever comes now leaves at once
	arrived chan struct{}  // somebody came, after nobody was there
	checks  chan struct{}  // log-ins should be looked at again
	own     sync.WaitGroup // goroutines of seats that keep their connections
}

// seat is one open stream, as long as it is.
type seat struct {
	of   string // the account, or what a user without one looks at
	pass pass   // what let the reader in; zero for a user
	stop context.CancelFunc
	conn net.Conn // nil while the HTTP server keeps it
}

// dismiss ends the stream, whatever it waits for; call it with the lock.
func (s *seat) dismiss() {
	s.stop()
	if s.conn != nil {
		_ = s.conn.SetDeadline(time.Unix(1, 0)) // long ago
	}
}

// streamsEach is how many may be open of one account, ticket or link.
const streamsEach = 50

func (s *seat) tooMany() error {
	each := "of one " + s.of
	if s.pass != (pass{}) {
		each = "an account"
	}
	return &ticket.Refusal{Code: codeTooMany, Detail: fmt.Sprintf("at most %d streams %s", streamsEach, each)}
}

func newAudience() *audience {
	return &audience{seats: map[*seat]struct{}{}, open: map[string]int{}, arrived: make(chan struct{}, 1), checks: make(chan struct{}, 1)}
}

// enter takes a seat; false when there are enough of the same account.
func (a *audience) enter(s *seat) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open[s.of] >= streamsEach {
		return false
	}
	if len(a.seats) == 0 {
		signal(a.arrived)
	}
	a.open[s.of]++
	a.seats[s] = struct{}{}
	if a.over {
		s.dismiss()
	}
	return true
}

// keep gives a seat its connection, and counts the two goroutines that serve
// it; false when all is over.
func (a *audience) keep(s *seat, conn net.Conn) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return false
	}
	s.conn = conn
	a.own.Add(2)
	return true
}

// dismiss ends one stream.
func (a *audience) dismiss(s *seat) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s.dismiss()
}

func (a *audience) leave(s *seat) {
	s.stop()
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.seats, s)
	if a.open[s.of]--; a.open[s.of] <= 0 {
		delete(a.open, s.of)
	}
}

// end ends every stream, and all that come later. It waits for those that keep
// their connections; the HTTP server waits for the others.
func (a *audience) end() {
	a.mu.Lock()
	a.over = true
	for s := range a.seats {
		s.dismiss()
	}
	a.mu.Unlock()
	a.own.Wait()
}

// watching tells whether an account has a stream open.
func (a *audience) watching(name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.open[name] > 0
}

// watched tells whether anybody has a stream open.
func (a *audience) watched() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.seats) > 0
}

// recheck has the log-ins of all streams looked at again, soon.
func (a *audience) recheck() { signal(a.checks) }

// signal tells whoever waits for c, now or later, once.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// passes are all that let somebody in, each once.
func (a *audience) passes() []pass {
	a.mu.Lock()
	defer a.mu.Unlock()
	each := map[pass]struct{}{}
	for s := range a.seats {
		if s.pass != (pass{}) {
			each[s.pass] = struct{}{}
		}
	}
	return slices.Collect(maps.Keys(each))
}

// turnOut ends the streams that passes had let in.
func (a *audience) turnOut(void map[pass]bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for s := range a.seats {
		if void[s.pass] {
			s.dismiss()
		}
	}
}
