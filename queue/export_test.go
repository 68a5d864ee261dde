package queue

import (
	"context"
	"time"
)

// Tick is one look of the clock's.
func (q *Queue) Tick(ctx context.Context) (time.Duration, error) { return q.tick(ctx) }
