package e2e_test

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

// toy is a queue in memory, right or broken in one way.
type toy struct {
	mu       sync.Mutex
	seats    map[int64]seat
	separate bool // looks, and then writes: no compare-and-set
	numbers  bool // asks the holder for his claim number
}

func (q *toy) say(in said) heard {
	q.mu.Lock()
	defer q.mu.Unlock()
	s, known := q.seats[in.Ticket]
	if !known {
		s = seat{state: "waiting"}
	}
	if q.separate {
		q.mu.Unlock()
		runtime.Gosched()
		q.mu.Lock()
	}
	if !q.numbers && s.holder == in.By {
		in.Claim = s.number
	}
	next, told := apply(s, in, false)
	q.seats[in.Ticket] = next
	return told
}

// The checker can fail: of three queues it finds the two that are broken.
func TestCheckerFindsBrokenQueues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		queue *toy
		right bool
	}{
		"right":              {&toy{numbers: true}, true},
		"no compare-and-set": {&toy{numbers: true, separate: true}, false},
		"no claim number":    {&toy{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.queue.seats = map[int64]seat{}
			h := newHall(3000, func(wave int) []place {
				var list []place
				for i := range window {
					list = append(list, place{id: int64(wave*window + i + 1), expires: time.Now().Add(time.Hour)})
				}
				return list
			})
			var all sync.WaitGroup
			for i := range 64 {
				all.Go(func() {
					h.work(newCaller(i), func(in said) heard { runtime.Gosched(); return c.queue.say(in) })
				})
			}
			all.Wait()
			wrong, unknown := judgeHistory(h.history)
			if (len(wrong) == 0) != c.right || unknown > 0 {
				t.Errorf("%d tickets went wrong, %d undecided, of %d answers", len(wrong), unknown, len(h.history))
			}
		})
	}
}
