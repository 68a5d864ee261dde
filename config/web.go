package config

import (
	"net"
	"strings"
	"time"
)

// Web is the page and the API.
type Web struct {
	Listen    string // "HOST:PORT"
	PublicURL string // the only base of links in mails, without a slash at its end
	TLSCert   string // PEM files; both or neither
	TLSKey    string
	Name      string // shown to users
	Phone     string // shown to users where set
	TimeZone  *time.Location
}

const defaultListen = "127.0.0.1:8080"

func readWeb(t *table) Web {
	w := Web{
		Listen:   t.text("listen", defaultListen, listenAddress),
		TLSCert:  t.text("tls_cert", "", t.file.there),
		TLSKey:   t.text("tls_key", "", t.file.there),
		Name:     t.text("name", "Helpdesk", notEmpty, line),
		Phone:    t.text("phone", "", line),
		TimeZone: read(t, "time_zone", "Local", timeZone),
	}
	if (w.TLSCert == "") != (w.TLSKey == "") {
		t.wrong("", "tls_cert and tls_key go together; write both or neither")
	}
	w.PublicURL = strings.TrimRight(t.text("public_url", w.address(), webURL), "/")
	return w
}

// address is the page's own address, for links where no public one is given.
func (w Web) address() string {
	scheme := "http"
	if w.TLSCert != "" {
		scheme = "https"
	}
	host, port, _ := net.SplitHostPort(w.Listen)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}
