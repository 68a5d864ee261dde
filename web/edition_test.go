package web

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"inviter/ticket"
)

// numbered is a frame that says which one it is.
func numbered(n int64) frame {
	b := event(n, "ticket", fmt.Appendf(nil, "%d", n))
	return frame{id: n, full: b, plain: b}
}

func TestAnEventIsWhole(t *testing.T) {
	t.Parallel()
	if b := event(7, "ticket", []byte(`{"id":1}`)); string(b) != "id: 7\nevent: ticket\ndata: {\"id\":1}\n\n" {
		t.Errorf("%q", b)
	}
	if b := event(0, "link", []byte("{}")); string(b) != "event: link\ndata: {}\n\n" {
		t.Errorf("%q", b)
	}
}

func TestWhoSeesWhatOfAFrame(t *testing.T) {
	t.Parallel()
	held, free := frame{holder: "ada", full: []byte("full"), plain: []byte("plain")}, frame{full: []byte("full"), plain: []byte("plain")}
	for _, c := range []struct {
		by   ticket.Technician
		f    frame
		want string
	}{
		{ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}, held, "full"},
		{ticket.Technician{Name: "grace", Role: ticket.RoleTechnician}, held, "plain"},
		{ticket.Technician{Name: "lena", Role: ticket.RoleLead}, held, "full"},
		{ticket.Technician{Role: ticket.RoleViewer}, free, "plain"},
		{ticket.Technician{Name: "root", Role: ticket.RoleAdmin}, free, "full"},
	} {
		if got := c.f.as(c.by); string(got) != c.want {
			t.Errorf("%s sees %s", c.by.Name, got)
		}
	}
}

// TestEditions: whatever came in whatever portions, a reader who is not too far
// behind gets each frame once and in order; who is learns that he is.
func TestEditions(t *testing.T) {
	t.Parallel()
	h := newHub(nil, nil, time.Now)
	h.reach(0, nil)
	var told, at int64
	for range 3000 {
		if rand.IntN(3) > 0 {
			portion := make([]frame, rand.IntN(9))
			for i := range portion {
				told++
				portion[i] = numbered(told)
			}
			h.reach(told, portion)
			continue
		}
		now := h.latest.Load()
		frames, missed := now.since(at)
		if missed || now.revision != told || int64(len(frames)) != told-at {
			t.Fatalf("%d frames after %d of %d, missed %v", len(frames), at, told, missed)
		}
		for i, f := range frames {
			if f.id != at+int64(i)+1 {
				t.Fatalf("frame %d after %d", f.id, at)
			}
		}
		if at = now.end(); len(now.frames) > keptFrames*5/4 {
			t.Fatalf("%d frames are kept", len(now.frames))
		}
	}
	late := h.latest.Load()
	if _, missed := late.since(late.first - 1); !missed || late.first == 0 {
		t.Error("what is gone isn't missed")
	}
}

// TestEditionsBesideReaders: many read while there is more and more, none sees a
// frame twice or changed, and all hear of the last one.
func TestEditionsBesideReaders(t *testing.T) {
	t.Parallel()
	const last = 5000
	h := newHub(nil, nil, time.Now)
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for at := int64(0); at < last; {
				now := h.latest.Load()
				frames, missed := now.since(at)
				if missed { // as after a look into the queue
					at = now.end()
				}
				for _, f := range frames {
					if at++; f.id != at || !bytes.Equal(f.full, numbered(at).full) {
						t.Errorf("frame %d is %q", at, f.full)
						return
					}
				}
				if at < last {
					<-now.old
				}
			}
		})
	}
	for i := range int64(last) {
		if i%100 == 0 {
			h.tell()
		}
		h.reach(i+1, []frame{numbered(i + 1)})
	}
	readers.Wait()
}
