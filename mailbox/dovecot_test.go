package mailbox_test

import (
	"testing"

	"inviter/e2e/private"
	"inviter/mailbox"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

func TestConformanceWithDovecot(t *testing.T) {
	s := private.Dovecot(t, private.DovecotOptions{Extra: "mail_max_userip_connections = 1000"})
	sourcetest.Run(t, func(t *testing.T) sourcetest.Harness {
		return harness(t, s)
	})
}

// harness gives each case a folder of its own on one server.
func harness(t *testing.T, s *private.Mailserver) sourcetest.Harness {
	p := newPerson(t, s.Addr)
	folder := "Case" + string(rune('A'+len(p.list())))
	must(t, p.client.Create(folder, nil).Wait())
	return sourcetest.Harness{
		Open: func(t *testing.T, l ticket.Ledger) ticket.Source {
			o := options(t, s.Addr)
			o.Folder = folder
			return open(t, o, l)
		},
		Deliver: func(t *testing.T, name string, file []byte) {
			p.send(folder, letter{subject: name, file: file, name: name}.bytes())
		},
		Remaining: func(t *testing.T) int { return len(p.folder(folder)) },
		Break:     func(t *testing.T) { must(t, p.client.Rename(folder, folder+"-away", nil).Wait()) },
		Mend:      func(t *testing.T) { must(t, p.client.Rename(folder+"-away", folder, nil).Wait()) },
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
