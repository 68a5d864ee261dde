package web_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"inviter/ticket"
	"inviter/web"
)

// As long as somebody has the queue open, and no longer, whoever watches the
// sources is told; also if once it could not be.
func TestOpenPagesAreToldToTheSources(t *testing.T) {
	t.Parallel()
	told := make(chan struct{}, 1000)
	h := build(t, func(o *web.Options) {
		o.LookEvery = 10 * time.Millisecond
		o.Look = func(context.Context) error {
			told <- struct{}{}
			return errors.New("the database is away")
		}
	})
	token := h.hire("ada", ticket.RoleTechnician)
	if len(told) != 0 {
		t.Error("told though nobody looks")
	}
	for range 2 {
		s := h.listen(token)
		for range 3 {
			<-told
		}
		s.cancel()
		for h.site.Watching("ada") {
			time.Sleep(time.Millisecond)
		}
		for deadline := time.Now().Add(patience); !still(told); {
			if time.Now().After(deadline) {
				t.Fatal("still told")
			}
		}
	}
}

// still tells whether nothing comes in a while in which twenty would.
func still(told <-chan struct{}) bool {
	for len(told) > 0 {
		<-told
	}
	select {
	case <-told:
		return false
	case <-time.After(200 * time.Millisecond):
		return true
	}
}

// Pages that are opened and closed all the time don't make it more often.
func TestRestlessPagesAreToldOnce(t *testing.T) {
	t.Parallel()
	told := make(chan struct{}, 1000)
	h := build(t, func(o *web.Options) {
		o.LookEvery = time.Hour
		o.Look = func(context.Context) error { told <- struct{}{}; return nil }
	})
	token := h.hire("ada", ticket.RoleTechnician)
	first := h.listen(token)
	<-told
	first.cancel()
	for range 20 {
		s := h.listen(token)
		s.cancel()
		for h.site.Watching("ada") {
			time.Sleep(time.Millisecond)
		}
	}
	if h.listen(token); len(told) > 0 {
		t.Errorf("told %d times more", len(told))
	}
}
