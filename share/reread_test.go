package share_test

import (
	"bytes"
	"context"
	"testing"

	"inviter/carrier"
	"inviter/share"
	"inviter/ticket"
)

// TestRefusedFileIsKeptAndReadOnceMore: a file that was too large for a limit is
// an invitation once the limit allows it, of who dropped it.
func TestRefusedFileIsKeptAndReadOnceMore(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) {
		o.Limits, o.User = carrier.DefaultLimits(), share.ByFolder
		o.Limits.Invitation = 700
	})
	b.put(t, "jane/a.msrcIncident", invite(1))
	b.scan(t)
	b.after(t, giveUp)
	b.after(t, giveUp)
	all := b.ledger.Deliveries()
	if len(all) != 1 || all[0].Refusal == nil || all[0].Raw == nil || !bytes.Equal(all[0].Raw.Body, invite(1)) || all[0].Raw.Name != "a.msrcIncident" {
		t.Fatalf("%+v", all)
	}
	d := all[0]
	kept := ticket.Kept{Source: d.Source, Item: d.Item, From: d.From, Received: d.Received, Raw: *d.Raw}
	if again := b.Reread(kept); again.Refusal == nil || again.Refusal.Code != d.Refusal.Code {
		t.Errorf("with the same limit: %+v", again)
	}
	wider := newBench(t, func(o *share.Options) { o.User = share.ByFolder })
	again := wider.Reread(kept)
	if len(again.Invitations) != 1 || again.Refusal != nil || again.From != d.From || again.From.Key == "" || again.Item != d.Item || !again.Received.Equal(d.Received) {
		t.Errorf("%+v\nafter %+v", again, d)
	}
	byFile := newBench(t, func(o *share.Options) { o.User = share.ByFile })
	kept.From = ticket.User{}
	if again := byFile.Reread(kept); again.From.Name != "Jane Doe" {
		t.Errorf("%+v", again.From)
	}
}

// TestLargeRefusedFilesAreReadFewAtATime: what is kept of them is in memory
// until it is recorded.
func TestLargeRefusedFilesAreReadFewAtATime(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	torn := append(bytes.Clone(invite(1)[:500]), make([]byte, 4<<20)...)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"} {
		b.put(t, name+".msrcIncident", torn)
	}
	most := 0
	count := func(ctx context.Context, batch []ticket.Delivery) ([]ticket.Receipt, error) {
		bytes := 0
		for _, d := range batch {
			bytes += len(d.Raw.Body)
		}
		most = max(most, bytes)
		return b.ledger.Submit(ctx, batch)
	}
	for range 3 {
		_, err := b.Scan(t.Context(), count)
		must(t, err)
		b.clock.advance(giveUp)
	}
	if most == 0 || most > 8<<20 {
		t.Errorf("%d MB at a time", most>>20)
	}
	if n := len(b.ledger.Deliveries()); n != 9 {
		t.Errorf("%d deliveries", n)
	}
}
