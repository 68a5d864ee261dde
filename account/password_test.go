package account

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestPasswordBounds(t *testing.T) {
	t.Parallel()
	h := newHasher()
	for _, c := range []struct {
		password string
		ok       bool
	}{
		{"12345678", true},
		{"пароль12", true},
		{strings.Repeat("p", 1024), true},
		{"1234567", false},
		{"üüüüüüü", false}, // 14 bytes, 7 characters
		{"", false},
		{strings.Repeat("p", 1025), false},
		{"12345678\n", false},
		{"1234\x005678", false},
		{"12345678\xff", false},
	} {
		_, err := h.make(t.Context(), c.password)
		if (err == nil) != c.ok || (err != nil && !errors.Is(err, ErrPassword)) {
			t.Errorf("make(%.20q) = %v, want ok %v", c.password, err, c.ok)
		}
	}
}

func TestPasswordCheck(t *testing.T) {
	t.Parallel()
	h := newHasher()
	encoded, err := h.make(t.Context(), "Grüße, Welt")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("cost is not in %q", encoded)
	}
	if again, _ := h.make(t.Context(), "Grüße, Welt"); again == encoded {
		t.Error("the same password twice gives the same hash: no salt")
	}
	for _, c := range []struct {
		password, encoded string
		want              bool
	}{
		{"Grüße, Welt", encoded, true},
		{"Gru\u0308ße, Welt", encoded, true}, // another keyboard
		{"grüße, welt", encoded, false},
		{"Grüße, Welt ", encoded, false},
		{"", encoded, false},
		{"Grüße, Welt", "", false},
		{"", "", false},
		{strings.Repeat("p", 1<<20), encoded, false},
	} {
		got, err := h.check(t.Context(), c.password, c.encoded)
		if err != nil || got != c.want {
			t.Errorf("check(%.20q) = %v, %v, want %v", c.password, got, err, c.want)
		}
	}
}

func TestPasswordHashOfUnknownFormIsAFault(t *testing.T) {
	t.Parallel()
	for _, encoded := range []string{
		"plain", "$argon2id$v=19$m=99999999,t=2,p=1$AAAA$AAAA", cost(), cost() + "AAAA", cost() + "!$AAAA", cost() + "AAAA$!",
	} {
		_, err := newHasher().check(t.Context(), "12345678", encoded)
		var r Refusal
		if err == nil || errors.As(err, &r) {
			t.Errorf("check against %q: %v, want a fault", encoded, err)
		}
	}
}

func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	h := newHasher()
	for range hashesAtOnce { // all slots taken
		h.slots <- struct{}{}
		h.queue <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error, hashesWaiting)
	for range hashesWaiting {
		go func() {
			_, err := h.check(ctx, "12345678", "")
			waiting <- err
		}()
	}
	for deadline := time.Now().Add(time.Minute); len(h.queue) < cap(h.queue); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("the queue never filled")
		}
	}
	if _, err := h.check(ctx, "12345678", ""); !errors.Is(err, ErrBusy) {
		t.Errorf("one more than may wait: %v, want ErrBusy", err)
	}
	cancel()
	for range hashesWaiting {
		if err := <-waiting; !errors.Is(err, context.Canceled) {
			t.Errorf("a caller who gave up: %v", err)
		}
	}
	if len(h.queue) != hashesAtOnce {
		t.Errorf("%d places are still taken", len(h.queue)-hashesAtOnce)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		s := newSecret()
		if len(s) != 52 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") != "" || seen[s] {
			t.Fatalf("secret %q", s)
		}
		seen[s] = true
	}
	for _, s := range []string{"", strings.Repeat("a", maxSecret+1)} {
		if _, ok := digest(s); ok {
			t.Errorf("digest takes %d bytes", len(s))
		}
	}
}
