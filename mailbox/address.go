package mailbox

import (
	"net"
	"strings"
)

// inbox is the one folder that every server has, under this name.
const inbox = "INBOX"

// Address is where a mailbox is, as its URL in the configuration says.
type Address struct {
	Host   string // as the server's certificate names it
	Port   string // "" means 993 with TLS, else 143
	TLS    bool   // from the start; else STARTTLS, and in the clear only on loopback where that isn't offered
	User   string
	Folder string // with "/" between levels; "" means INBOX
}

func (a Address) complete() Address {
	if a.Port == "" {
		a.Port = map[bool]string{true: "993", false: "143"}[a.TLS]
	}
	if a.Folder == "" || strings.EqualFold(a.Folder, inbox) {
		a.Folder = inbox
	}
	return a
}

func (a Address) dial() string { return net.JoinHostPort(a.Host, a.Port) }

// loopback is true where nobody can listen in.
func (a Address) loopback() bool {
	if strings.EqualFold(a.Host, "localhost") {
		return true
	}
	ip := net.ParseIP(a.Host)
	return ip != nil && ip.IsLoopback()
}
