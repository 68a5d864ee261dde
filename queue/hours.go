package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// When the computer's clock is doubted, and for how long.
const (
	leap    = time.Hour       // ahead of the steady clock: a jump; less is a correction
	slip    = time.Minute     // behind it: a jump; less is waited for
	believe = 5 * time.Minute // after so long in the same place, a jump ahead is true
	settle  = time.Minute     // and one back: by then all that was due has expired for good
)

// hours tells the queue's time from two clocks: the computer's, which can be
// set, and a steady one, which only runs. After a jump of the first, the time
// goes on by the second, so that not everything expires at once, and nothing
// comes back to life; until the clock has come back, or has stayed for a
// while where it jumped. At a start, a clock ahead is believed, one behind the
// latest moment acted by isn't. See docs/decisions/0003-a-clock-that-jumps.md.
type hours struct {
	wall   func() time.Time
	steady func(wall time.Time) time.Duration
	log    *slog.Logger

	mu    sync.Mutex
	last  time.Time     // the queue's time when it was last asked for
	at    time.Duration // and the steady clock's
	off   time.Duration // how far the clock had jumped when that was noticed; 0 while it is trusted
	since time.Duration // when that was, by the steady clock
}

// newHours begins after high, the latest moment that was acted by.
func newHours(o Options, high time.Time, log *slog.Logger) *hours {
	h := &hours{wall: o.Clock, log: log, last: high}
	if h.wall == nil {
		h.wall = time.Now
	}
	start := h.wall()
	h.steady = func(wall time.Time) time.Duration { return wall.Sub(start) } // monotonic where wall is time.Now's
	if o.Steady != nil {
		h.steady = func(time.Time) time.Duration { return o.Steady() }
	}
	h.at = h.steady(start)
	if start.After(high) {
		h.last = whole(start)
	}
	return h
}

// atLeast takes the time up where another program left it. If the computer's
// clock is far behind that, it is doubted, as after a jump.
func (h *hours) atLeast(high time.Time) {
	h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if high.After(h.last) {
		h.last = high
	}
}

// whole is a moment as exact as it is stored.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// now is the queue's time.
func (h *hours) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	read := h.wall()
	wall, steady := whole(read), h.steady(read)
	expected := whole(h.last.Add(steady - h.at))
	off := wall.Sub(expected)
	next := expected
	switch {
	case off <= leap && off >= -slip:
		if next = wall; wall.Before(h.last) {
			next = h.last
		}
		h.trust("clock right again")
	case h.off == 0 || (off-h.off).Abs() > slip:
		h.off, h.since = off, steady
		h.log.Warn("clock jumped", "by", off, "believed in", h.patience())
	case steady-h.since >= h.patience():
		next = wall
		h.trust("clock believed")
	}
	h.last, h.at = next, steady
	return next
}

// patience is how long a jump is doubted.
func (h *hours) patience() time.Duration {
	if h.off < 0 {
		return settle
	}
	return believe
}

// doubted tells whether the computer's clock isn't believed just now.
func (h *hours) doubted() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.off != 0
}

func (h *hours) trust(why string) {
	if h.off != 0 {
		h.log.Warn(why, "by", h.off)
		h.off = 0
	}
}

// jump is the one that is doubted just now, if any.
func (h *hours) jump() ticket.Jump {
	h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.off == 0 {
		return ticket.Jump{}
	}
	return ticket.Jump{By: h.off, Rest: max(h.patience()-(h.at-h.since), 0)}
}

// ClockJump tells that the computer's clock has jumped and isn't believed yet;
// the zero Jump while all is well.
func (q *Queue) ClockJump() ticket.Jump { return q.hours.jump() }

// errDoubt keeps an invitation from being recorded as expired by a clock that
// may be wrong. It is a fault, so the source tries again.
var errDoubt = errors.New("the computer's clock has jumped: whether this has expired can't be told yet")

func highest(ctx context.Context, db *database.DB) (high time.Time, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		var n int64
		err := tx.Row("SELECT high FROM clock WHERE one = 1").Scan(&n)
		high = at(n)
		return err
	})
	if err != nil {
		return high, fmt.Errorf("read the latest moment: %w", err)
	}
	return high, nil
}

// takeOver goes on at the latest moment that another program acted by.
func (q *Queue) takeOver(ctx context.Context) error {
	high, err := highest(ctx, q.db)
	if err == nil {
		q.hours.atLeast(high)
	}
	return err
}

// noteTime stores the latest moment that was acted by. It looks at the clock
// only when its turn has come: while it waited another program may have noted a
// later one.
func (q *Queue) noteTime(ctx context.Context) error {
	err := q.db.WriteBulk(ctx, func(tx *database.Tx) error {
		now := ms(q.now())
		_, err := tx.Exec("UPDATE clock SET high = ? WHERE one = 1 AND high <> ?", now, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("note the latest moment: %w", err)
	}
	return nil
}
