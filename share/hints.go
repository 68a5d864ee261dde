package share

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Bounds of what events may cost. Beyond them the scans alone have to do.
const (
	maxWatched = 8192                  // folders
	maxEvents  = 1 << 16               // names between two passes
	soonest    = 20 * time.Millisecond // for a pass to ask for the next one
)

// hints turns events of the file system into hints to scan, and keeps the
// names they were about for the next pass. Its zero value hints at nothing.
type hints struct {
	root    string                 // of the share; set before all else
	traced  func(name string) bool // names whose removal says something; set before all else
	mu      sync.Mutex
	kind    string // of file system
	watcher *fsnotify.Watcher
	watched map[string]inode
	events  map[string]bool // path in the share → arrived whole: given this name, and not written to since
	hint    chan struct{}
	timer   *time.Timer
}

// Hints asks the system for events, of this folder and of those below it as
// scans come by them. Each scan may also ask to be repeated when a file that
// is settling will have settled. A second call ends the first one's hints.
func (s *Share) Hints(ctx context.Context) <-chan struct{} {
	w := s.events()
	hint := s.hints.start(w)
	var told sync.WaitGroup
	if s.answering() {
		told.Go(func() { s.stir(ctx, hint) })
	}
	go func() {
		s.hints.listen(ctx, w, hint)
		told.Wait()
		s.hints.stop(hint)
		if w != nil {
			_ = w.Close() // nothing can be lost with it
		}
	}()
	return hint
}

// events are the file system's; nil where there are none.
func (s *Share) events() *fsnotify.Watcher {
	if s.options.remote() {
		return nil
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		s.log.Warn("no events", "error", err.Error(), "advice", "raise fs.inotify.max_user_instances; until then the schedule alone has to do")
	}
	return w
}

// Mode is how the share is being watched, for people: "events", or "polling"
// with the kind of file system once that is known: "polling (cifs)".
func (s *Share) Mode() string {
	s.hints.mu.Lock()
	defer s.hints.mu.Unlock()
	switch {
	case len(s.hints.watched) > 0:
		return "events"
	case s.hints.kind != "":
		return "polling (" + s.hints.kind + ")"
	}
	return "polling"
}

// lies notes the kind of file system that the share lies on.
func (h *hints) lies(kind string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kind = kind
}

func (h *hints) start(w *fsnotify.Watcher) chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watcher, h.watched = w, map[string]inode{}
	h.events, h.hint = map[string]bool{}, make(chan struct{}, 1)
	h.timer = nil
	return h.hint
}

// stop ends what start began, unless another start came after it.
func (h *hints) stop(hint chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hint != hint {
		return
	}
	if h.timer != nil {
		h.timer.Stop()
	}
	h.watcher, h.watched, h.events, h.hint, h.timer = nil, nil, nil, nil, nil
}

func (h *hints) listen(ctx context.Context, w *fsnotify.Watcher, hint chan struct{}) {
	if w == nil {
		<-ctx.Done()
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-w.Events:
			if !ok {
				return
			}
			if h.note(e) {
				give(hint)
			}
		case err, ok := <-w.Errors:
			if !ok {
				return
			}
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				h.lost()
			}
			give(hint)
		}
	}
}

// stirRest is the least time between two questions whether tickets moved.
const stirRest = 100 * time.Millisecond

// stir gives a hint when something happened to a ticket that a trace here
// should tell of.
func (s *Share) stir(ctx context.Context, hint chan struct{}) {
	changes, since := s.options.Answers.Notify(ctx), int64(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-changes:
		}
		moved, upTo, err := s.options.Answers.Moved(ctx, s.Name(), since)
		if err == nil { // else the next change asks again, or the next pass
			since = upTo
		}
		if len(moved) > 0 {
			give(hint)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(stirRest):
		}
	}
}

// give leaves a hint, if none lies there yet.
func give(hint chan struct{}) {
	select {
	case hint <- struct{}{}:
	default:
	}
}

// note keeps an event for the next pass; false if it is none of ours. What
// leaves needs no look, unless it is a folder that was watched.
func (h *hints) note(e fsnotify.Event) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.watched[e.Name]; ok && e.Has(fsnotify.Remove|fsnotify.Rename) {
		delete(h.watched, e.Name)
		return true
	}
	name, err := filepath.Rel(h.root, e.Name)
	name = filepath.ToSlash(name)
	if err == nil && e.Has(fsnotify.Remove|fsnotify.Rename) && h.traced(path.Base(name)) {
		return true
	}
	if err != nil || ignored(path.Base(name)) || !e.Has(fsnotify.Create|fsnotify.Write|fsnotify.Chmod) {
		return false
	}
	if _, known := h.events[name]; !known && len(h.events) >= maxEvents {
		return true
	}
	switch {
	case e.Has(fsnotify.Write):
		h.events[name] = false
	case e.Has(fsnotify.Create):
		h.events[name] = true
	default:
		whole := h.events[name]
		h.events[name] = whole
	}
	return true
}

// any tells whether events named files since the last take.
func (h *hints) any() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.events) > 0
}

// take hands over the files that events named since the last pass.
func (h *hints) take() map[string]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	events := h.events
	if events != nil {
		h.events = map[string]bool{}
	}
	return events
}

// watch asks for a folder's events. It is called by every pass for every
// folder, so one that was made anew under its old name is watched again. The
// lock is not held while the system is asked.
func (h *hints) watch(name string, is inode) {
	name = filepath.Join(h.root, filepath.FromSlash(name))
	h.mu.Lock()
	w, have := h.watcher, h.watched[name]
	full := len(h.watched) >= maxWatched
	h.mu.Unlock()
	if w == nil || have == is || full {
		return
	}
	_ = w.Remove(name) // if it was another folder; most often there is none
	err := w.Add(name)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case w != h.watcher:
	case err != nil:
		delete(h.watched, name)
	default:
		h.watched[name] = is
	}
}

// lost forgets which folders are watched, so that the next pass asks anew for
// all of them: the place was away, or events were dropped.
func (h *hints) lost() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.watched)
}

// wake gives a hint when d has passed: a file will have settled then.
func (h *hints) wake(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hint == nil {
		return
	}
	if h.timer != nil {
		h.timer.Stop()
	}
	hint := h.hint
	h.timer = time.AfterFunc(max(d, soonest), func() { give(hint) })
}
