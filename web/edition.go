package web

import "slices"

// edition is all that the hub has to tell at one moment. It never changes, so
// streams read it without a lock.
type edition struct {
	frames   []frame       // the latest, oldest first
	first    int64         // serial of frames[0]
	revision int64         // of the queue, as far as frames tell
	old      chan struct{} // closed when there are more frames in a later one
}

// keptFrames is how many an edition has at least, once there were so many.
const keptFrames = 1024

// end is the serial of the frame that comes next.
func (e *edition) end() int64 { return e.first + int64(len(e.frames)) }

// since lists the frames from serial on; missed means that some of them are no
// longer kept.
func (e *edition) since(serial int64) (frames []frame, missed bool) {
	if serial < e.first {
		return nil, true
	}
	return e.frames[serial-e.first:], false
}

// with is e and what came after it. Streams may be reading the frames of e:
// the new ones are put behind those, where nobody reads yet, and seldom all is copied.
func (e *edition) with(revision int64, frames []frame) *edition {
	next := &edition{frames: e.frames, first: e.first, revision: revision, old: e.old}
	if len(frames) == 0 {
		return next
	}
	next.frames = append(next.frames, frames...)
	if over := len(next.frames) - keptFrames; over > keptFrames/4 {
		next.frames = slices.Clone(next.frames[over:])
		next.first += int64(over)
	}
	next.old = make(chan struct{})
	return next
}

// tell has all streams tell of frames.
func (h *hub) tell(frames ...frame) {
	h.publish(frames, func(before *edition) int64 { return before.revision })
}

// reach is tell, with the revision of the queue that is reached thereby.
func (h *hub) reach(revision int64, frames []frame) {
	h.publish(frames, func(*edition) int64 { return revision })
}

func (h *hub) publish(frames []frame, revision func(before *edition) int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.latest.Load()
	h.latest.Store(before.with(revision(before), frames))
	if len(frames) > 0 {
		close(before.old)
	}
}
