package postoffice

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

// A command that was under way when the office closed changes nothing any more.
func TestClosedOfficeChangesNothing(t *testing.T) {
	t.Parallel()
	off, err := Open(Options{Dir: t.TempDir(), Address: "a@b", Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := off.deliver(inbox, strings.NewReader("x"), time.Now(), nil); err != nil {
		t.Fatal(err)
	}
	c := &client{off: off}
	if err := c.Create("Done", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select(inbox, &imap.SelectOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := off.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := off.deliver(inbox, strings.NewReader("x"), time.Now(), nil); !errors.Is(err, errClosed) {
		t.Errorf("deliver: %v", err)
	}
	all := imap.UIDSet{{Start: 1, Stop: 0}}
	_, copied := c.Copy(all, "Done")
	_, marked := c.mark(all, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}})
	for what, err := range map[string]error{"copy": copied, "mark": marked, "move": c.Move(nil, all, "Done"),
		"expunge": c.Expunge(nil, nil), "create": c.Create("More", nil)} {
		var refusal *imap.Error
		if !errors.As(err, &refusal) || refusal.Code != imap.ResponseCodeUnavailable {
			t.Errorf("%s: %v", what, err)
		}
	}
	if f := off.folders[inbox]; len(f.letters) != 1 || len(f.letters[0].flags) != 0 || len(off.folders) != 2 {
		t.Errorf("it changed: %+v", f)
	}
}
