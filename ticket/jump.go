package ticket

import (
	"fmt"
	"time"
)

// Jump is a jump of the computer's clock that isn't believed yet; the zero Jump
// is none. Meanwhile tickets go by the time before it.
type Jump struct {
	By   time.Duration // ahead, or with a minus back
	Rest time.Duration // until it is believed, if nobody sets the clock right
}

// Doubted tells whether there is a jump.
func (j Jump) Doubted() bool { return j.By != 0 }

// Ahead tells the direction.
func (j Jump) Ahead() bool { return j.By > 0 }

// Size is how far the clock jumped, in either direction.
func (j Jump) Size() time.Duration { return j.By.Abs() }

// String says it to operators; "" where there is none.
func (j Jump) String() string {
	if !j.Doubted() {
		return ""
	}
	where := "ahead"
	if !j.Ahead() {
		where = "back"
	}
	return fmt.Sprintf("the computer's clock jumped %s by %v; tickets go by the time before for another %v unless it is set right",
		where, j.Size().Round(time.Second), j.Rest.Round(time.Second))
}
