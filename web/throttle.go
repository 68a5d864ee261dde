package web

import (
	"container/list"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// throttle slows guessing down: per account and network together, so that
// nobody far away locks a technician out, per network, and loosely per account.
// It remembers a bounded number of each and forgets the longest unused first.
type throttle struct {
	now   func() time.Time
	both  buckets
	net   buckets
	names buckets
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{
		now:   now,
		both:  newBuckets(rate.Every(12*time.Second), 5),
		net:   newBuckets(rate.Every(2*time.Second), 30),
		names: newBuckets(rate.Every(time.Second), 100),
	}
}

// allows takes one try of name from the address; false means to wait a while.
func (t *throttle) allows(name, address string) bool {
	network, name, now := networkOf(address), strings.ToLower(name), t.now()
	return t.net.take(network, now) && t.both.take(network+" "+name, now) && t.names.take(name, now)
}

// networkOf is the /24 or /64 that an address lies in.
func networkOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	a = a.Unmap().WithZone("")
	bits := 64
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return host
	}
	return p.String()
}

// buckets are limiters by key, the most recently used ones.
type buckets struct {
	mu     *sync.Mutex
	every  rate.Limit
	burst  int
	byKey  map[string]*list.Element
	recent *list.List // of *bucket, the latest used in front
}

type bucket struct {
	key     string
	limiter *rate.Limiter
}

// maxBuckets bounds each kind.
const maxBuckets = 10_000

func newBuckets(every rate.Limit, burst int) buckets {
	return buckets{mu: &sync.Mutex{}, every: every, burst: burst, byKey: map[string]*list.Element{}, recent: list.New()}
}

func (b buckets) take(key string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.byKey[key]
	if !ok {
		e = b.recent.PushFront(&bucket{key, rate.NewLimiter(b.every, b.burst)})
		b.byKey[key] = e
		b.forget()
	}
	b.recent.MoveToFront(e)
	return e.Value.(*bucket).limiter.AllowN(now, 1)
}

// guesses are tries that count only where they fail: many users may sit behind
// one address.
type guesses struct{ failed buckets }

// may tells whether the network has failed seldom enough to try again.
func (g guesses) may(address string, now time.Time) bool {
	return g.failed.has(networkOf(address), now)
}

// spend counts a failure.
func (g guesses) spend(address string, now time.Time) { g.failed.take(networkOf(address), now) }

// has tells whether one could be taken.
func (b buckets) has(key string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.byKey[key]
	return !ok || e.Value.(*bucket).limiter.TokensAt(now) >= 1
}

func (b buckets) forget() {
	if b.recent.Len() <= maxBuckets {
		return
	}
	oldest := b.recent.Back()
	delete(b.byKey, oldest.Value.(*bucket).key)
	b.recent.Remove(oldest)
}
