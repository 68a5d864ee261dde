package watch

import "time"

const (
	// rest is the time from one pass to the next that a source whose hints never
	// cease is left alone, so that it doesn't take a processor.
	rest = 20 * time.Millisecond
	// savings bound how much of it may be taken in advance: ten passes.
	savings = 10 * rest
)

// haste lets a hint start a pass at once, as long as the source was left alone
// enough before: a handful of files one after another wait for nothing.
type haste struct{ saved time.Duration }

// wait tells how long a hint has to wait that comes so long after a pass.
func (h *haste) wait(idle time.Duration) time.Duration {
	h.saved = min(h.saved+idle, savings) - rest
	left := max(0, -h.saved)
	h.saved = max(0, h.saved)
	return left
}
