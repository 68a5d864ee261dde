package share_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/cloudsoda/go-smb2"

	"inviter/e2e/private"
	"inviter/share"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// at is the address of a folder of the private server's share.
func at(addr, folder string) share.Server {
	host, port, _ := net.SplitHostPort(addr)
	return share.Server{Host: host, Port: port, Share: "support", Folder: folder, User: "inviter",
		Password: func() (string, error) { return private.SambaPassword, nil }}
}

// closing closes a share when the test ends.
func closing(t testing.TB, s *share.Share) *share.Share {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// overSMB is a bench whose share is read over SMB; its dir is the folder on
// the server.
func overSMB(t *testing.T, server *private.Fileserver, change func(*share.Options)) *bench {
	t.Helper()
	return overSMBAt(t, server, server.Addr, change)
}

// overSMBAt is overSMB by another address of the server.
func overSMBAt(t *testing.T, server *private.Fileserver, addr string, change func(*share.Options)) *bench {
	t.Helper()
	dir, err := os.MkdirTemp(server.Files, "t")
	must(t, err)
	must(t, os.Chmod(dir, 0o777))
	b := &bench{Probe: &share.Probe{}, dir: dir, clock: newClock()}
	b.ledger = sourcetest.NewRecorder(b.clock.Now)
	o := share.Options{Name: "support", Server: at(addr, filepath.Base(dir)), Settle: settle, GiveUp: giveUp, Clock: b.clock.Now}
	if change != nil {
		change(&o)
	}
	o.Answers = answers(b.ledger)
	b.open = func() *share.Share { return closing(t, share.OpenProbed(o, b.ledger, b.Probe)) }
	b.Share = b.open()
	return b
}

// person is a user of the share with an SMB client.
func person(t *testing.T, server *private.Fileserver, user string) *smb2.Share {
	t.Helper()
	d := smb2.Dialer{Initiator: &smb2.NTLMInitiator{User: user, Password: private.SambaPassword}}
	session, err := d.Dial(context.Background(), server.Addr)
	must(t, err)
	t.Cleanup(func() { _ = session.Logoff() })
	s, err := session.Mount("support")
	must(t, err)
	return s
}

// The suite that mailboxes and local folders pass runs over SMB too: against a
// server as it comes, one that demands encryption, and one that goes away.
func TestConformanceOverSMB(t *testing.T) {
	t.Parallel()
	variants := map[string]struct {
		samba  private.SambaOptions
		change func(*share.Options)
	}{
		"take":      {},
		"read":      {change: func(o *share.Options) { o.Mode = share.Read }},
		"no settle": {change: func(o *share.Options) { o.Settle = 0 }},
		"encrypted": {samba: private.SambaOptions{Global: []string{"server smb encrypt = required"}}},
		"signed":    {samba: private.SambaOptions{Global: []string{"server signing = mandatory", "server max protocol = SMB2_10"}}},
	}
	for name, v := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := private.Samba(t, v.samba)
			sourcetest.Run(t, func(t *testing.T) sourcetest.Harness { return serverHarness(t, server, v.change) })
		})
	}
}

func serverHarness(t *testing.T, server *private.Fileserver, change func(*share.Options)) sourcetest.Harness {
	dir, err := os.MkdirTemp(server.Files, "t")
	must(t, err)
	must(t, os.Chmod(dir, 0o777))
	c := newClock()
	o := share.Options{Name: "support", Server: at(server.Addr, filepath.Base(dir)), Settle: settle, GiveUp: giveUp, Receipts: true, Clock: c.Now}
	if change != nil {
		change(&o)
	}
	probe := &share.Probe{}
	return sourcetest.Harness{
		Open: func(t *testing.T, l ticket.Ledger) ticket.Source {
			o := o
			if r, ok := l.(*sourcetest.Recorder); ok {
				o.Answers = answers(r)
			}
			return closing(t, share.OpenProbed(o, l, probe))
		},
		Deliver: func(t *testing.T, name string, file []byte) {
			must(t, os.WriteFile(filepath.Join(dir, name), file, 0o644))
		},
		Remaining: func(t *testing.T) int { return len(visible(t, dir)) },
		Settle:    func(*testing.T) { c.advance(settle) },
		Break:     func(t *testing.T) { must(t, os.Rename(dir, dir+".away")) },
		Mend:      func(t *testing.T) { must(t, os.Rename(dir+".away", dir)) },
		Reads:     func() int { return probe.Calls("read") },
		Keeps:     o.Mode == share.Read,
	}
}
