package watch

import (
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"inviter/ticket"
)

// How long to wait after a failed pass. A server that is away is tried again
// soon, then up to once a minute. One that refuses the log-in is never tried
// more than once a minute, for servers lock accounts after a few.
const (
	firstRetry   = time.Second
	lastRetry    = time.Minute
	firstLogin   = time.Minute
	lastLogin    = 15 * time.Minute
	healthyAfter = 2 * time.Minute // well for so long, and the waits begin anew
)

// patience decides when a failing source is tried again.
type patience struct {
	soon, login *backoff.ExponentialBackOff
	slow        bool      // the last failure was a refused log-in
	last        time.Time // when the last pass ended
	wellSince   time.Time // zero while failing
}

func newPatience() patience {
	soon, login := backoff.NewExponentialBackOff(), backoff.NewExponentialBackOff()
	soon.InitialInterval, soon.MaxInterval, soon.Multiplier = firstRetry, lastRetry, 2
	login.InitialInterval, login.MaxInterval, login.Multiplier = firstLogin, lastLogin, 2
	login.RandomizationFactor = 0 // never sooner
	return patience{soon: soon, login: login}
}

// succeeded notes a complete pass.
func (p *patience) succeeded(now time.Time) {
	p.last, p.slow = now, false
	if p.wellSince.IsZero() {
		p.wellSince = now
	}
}

// failed notes a failed pass and returns how long to wait. What is merely away
// is looked for once a period at least: looking for it costs nothing.
func (p *patience) failed(err error, period time.Duration, now time.Time) time.Duration {
	if !p.wellSince.IsZero() && now.Sub(p.wellSince) >= healthyAfter {
		p.soon.Reset()
		p.login.Reset()
	}
	p.last, p.wellSince, p.slow = now, time.Time{}, slow(err)
	if p.slow {
		return p.login.NextBackOff()
	}
	wait := min(p.soon.NextBackOff(), lastRetry)
	if errors.Is(err, ticket.ErrGone) {
		wait = min(wait, period)
	}
	return wait
}

// failing tells whether the last pass failed.
func (p *patience) failing() bool { return p.wellSince.IsZero() }

// floor is the least time between two passes, even when somebody asks for one.
func (p *patience) floor() time.Duration {
	if p.slow {
		return firstLogin
	}
	return rest
}

// slow tells whether trying again soon does harm, as the error itself says.
func slow(err error) bool {
	var careful interface {
		error
		Slow() bool
	}
	return errors.As(err, &careful) && careful.Slow()
}
