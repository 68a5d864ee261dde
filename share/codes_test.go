package share_test

import (
	"strings"
	"testing"

	"inviter/share"
	"inviter/ticket"
)

func TestCodesInFiles(t *testing.T) {
	t.Parallel()
	for _, codes := range []bool{true, false} {
		b := newBench(t, func(o *share.Options) { o.Codes = codes })
		b.put(t, "help.txt", []byte("AnyDesk 987654321\r\nthe printer is broken"))
		b.put(t, "meeting.txt", []byte("https://meet.jit.si/OurRoom"))
		b.scan(t)
		b.after(t, settle)
		pass := b.after(t, settle)
		var got []ticket.Delivery
		for _, d := range b.ledger.Deliveries() {
			if len(d.Invitations) > 0 || d.Refusal != nil {
				got = append(got, d)
			}
		}
		if !codes {
			if len(got) != 0 {
				t.Errorf("without codes: %+v", got)
			}
			continue
		}
		if len(got) != 1 || len(got[0].Invitations) != 1 || got[0].Invitations[0].Format != "anydesk" || strings.Contains(got[0].Note, "987654321") || !strings.Contains(got[0].Note, "printer") {
			t.Errorf("%+v %+v", pass, got)
		}
	}
}
