package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"inviter/e2e/private"
)

// further are the servers beside Dovecot. Where mail can't be moved safely, it
// stays in the box.
var further = map[string]struct {
	keeps              bool
	processed, refused string // as the server calls these folders
}{
	"cyrus":   {false, "INBOX.Inviter.Processed", "INBOX.Inviter.Refused"},
	"courier": {false, "INBOX.Inviter.Processed", "INBOX.Inviter.Refused"},
	"imap4d":  {true, "Inviter/Processed", "Inviter/Refused"},
}

// client logs in beside us, as a person's mail program would.
func client(t *testing.T, addr string) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login("help", "secret").Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

// upload puts mails into the box, dated now.
func upload(t *testing.T, addr string, mails ...[]byte) {
	t.Helper()
	c := client(t, addr)
	for _, mail := range mails {
		cmd := c.Append("INBOX", int64(len(mail)), &imap.AppendOptions{Time: time.Now()})
		_, wrote := cmd.Write(mail)
		closed := cmd.Close()
		if _, answer := cmd.Wait(); errors.Join(wrote, closed, answer) != nil {
			t.Fatal(wrote, closed, answer)
		}
	}
	c.Close()
}

// count asks the server how many mails a folder has; 0 where there is none.
func count(t *testing.T, addr, folder string) int {
	t.Helper()
	c := client(t, addr)
	defer c.Close()
	got, err := c.Status(folder, &imap.StatusOptions{NumMessages: true}).Wait()
	if err != nil {
		return 0
	}
	return int(*got.NumMessages)
}

// rootedDesk is a helpdesk whose mailbox lives on one of the further servers.
func rootedDesk(t *testing.T, name string) (*helpdesk, *private.RootedServer) {
	t.Helper()
	s := private.Root(t, name)
	return newHelpdesk(t, mailboxAt("imap://help@"+s.Addr+"/INBOX", fmt.Sprintf("ca_file = %q\n", s.CA))), s
}

// On every server: what is whole becomes a ticket, what is damaged a refusal,
// what is ordinary stays; and while the server runs, new mail comes by itself.
func TestIntakeOnFurtherServers(t *testing.T) {
	t.Parallel()
	for name, c := range further {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := rootedDesk(t, name)
			whole := invite(1, "bob").RA2()
			upload(t, s.Addr, mailWith("bob@example.org", "broken", whole[:len(whole)/2])) // poison first
			upload(t, s.Addr, []byte("From: boss@example.org\r\nSubject: lunch\r\n\r\nAt noon?\r\n"))
			upload(t, s.Addr, mailWith("bob@example.org", "whole", whole))
			upload(t, s.Addr, forwarded(mailWith("ann@example.org", "forwarded", invite(2, "ann").RA2())))
			h.serve()
			ada := h.technician("ada", "technician")
			ada.appear(2, "waiting")
			upload(t, s.Addr, mailWith("cyd@example.org", "while it runs", invite(3, "cyd").RA2()))
			ada.appear(3, "waiting")
			want := map[string]int{"INBOX": 1, c.processed: 3, c.refused: 1}
			if c.keeps {
				want = map[string]int{"INBOX": 5, c.processed: 0, c.refused: 0}
			}
			for folder, n := range want {
				eventually(t, folder, func() error {
					if got := count(t, s.Addr, folder); got != n {
						return fmt.Errorf("%d mails in %s, want %d", got, folder, n)
					}
					return nil
				})
			}
			var refusals struct{ Refusals []struct{ Code string } }
			if err := json.Unmarshal(ada.wants(200, "GET", "/refusals", nil).Body, &refusals); err != nil || len(refusals.Refusals) != 1 {
				t.Errorf("refusals %+v, %v", refusals, err)
			}
			h.must("inviter", "check")
		})
	}
}

// Wherever the watcher dies, on every server.
func TestKilledOnFurtherServers(t *testing.T) {
	t.Parallel()
	for name, c := range further {
		for _, point := range []string{"fetched", "submitted", "moved", "noted"} {
			t.Run(name+" "+point, func(t *testing.T) {
				t.Parallel()
				if c.keeps && point == "moved" {
					t.Skip("nothing is moved there")
				}
				h, s := rootedDesk(t, name)
				for i := range 3 {
					upload(t, s.Addr, mailWith(fmt.Sprintf("user%d@example.org", i), "help", invite(int64(i), "user").RA2()))
				}
				survives(t, h, point, 3)
				if left := count(t, s.Addr, "INBOX"); left != map[bool]int{true: 3}[c.keeps] {
					t.Errorf("%d mails in the box", left)
				}
			})
		}
	}
}
