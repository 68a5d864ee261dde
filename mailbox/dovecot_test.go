package mailbox_test

import (
	"net"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/mailbox"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

func TestConformanceWithDovecot(t *testing.T) {
	s := private.Dovecot(t, private.DovecotOptions{Extra: "mail_max_userip_connections = 1000"})
	sourcetest.Run(t, func(t *testing.T) sourcetest.Harness {
		return harness(t, options(t, s.Addr), "")
	})
}

func TestConformanceWithFurtherServers(t *testing.T) {
	t.Parallel()
	for name, c := range rooted {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := private.Root(t, name)
			sourcetest.Run(t, func(t *testing.T) sourcetest.Harness {
				o := options(t, s.Addr)
				o.CAFile = s.CA
				h := harness(t, o, c.prefix)
				h.Keeps = c.keeps
				return h
			})
		})
	}
}

// rooted are the further servers: what each wants before folder names, and
// whether mail stays in place there because it can't be moved safely.
var rooted = map[string]struct {
	prefix string
	keeps  bool
}{"cyrus": {"INBOX.", false}, "courier": {"INBOX.", false}, "imap4d": {"", true}}

// harness gives each case a folder of its own on one server. To people its name
// begins with prefix; we write it without.
func harness(t *testing.T, o mailbox.Options, prefix string) sourcetest.Harness {
	p := newPerson(t, net.JoinHostPort(o.Host, o.Port))
	o.Folder = "Case" + string(rune('A'+len(p.list())))
	folder := prefix + o.Folder
	must(t, p.client.Create(folder, nil).Wait())
	var later time.Duration
	o.Clock = func() time.Time { return time.Now().Add(later) }
	return sourcetest.Harness{
		Open: func(t *testing.T, l ticket.Ledger) ticket.Source {
			return open(t, o, l)
		},
		Deliver: func(t *testing.T, name string, file []byte) {
			p.send(folder, letter{subject: name, file: file, name: name}.bytes(), time.Now())
		},
		Remaining: func(t *testing.T) int { return len(p.folder(folder)) },
		Break: func(t *testing.T) {
			later += time.Minute // it shows when the folder is opened the next time
			must(t, p.client.Rename(folder, folder+"-away", nil).Wait())
		},
		Mend: func(t *testing.T) { must(t, p.client.Rename(folder+"-away", folder, nil).Wait()) },
	}
}

func (p *person) list() []string {
	list, err := p.client.List("", "*", nil).Collect()
	must(p.t, err)
	var names []string
	for _, f := range list {
		names = append(names, f.Mailbox)
	}
	return names
}

var _ ticket.Source = (*mailbox.Mailbox)(nil)
