package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// SMTP is how mails are sent; without a URL none is.
type SMTP struct {
	URL      string
	Host     string // "HOST:PORT"
	TLS      bool   // from the first byte (smtps)
	StartTLS string // one of the StartTLS… constants; counts where TLS is false
	User     string // "" logs in nowhere
	Password Secret
	CAFile   string
	From     string
	Send     []string // the kinds of mails
}

// Whether a connection that begins in the clear must be encrypted.
const (
	StartTLSRequired = "required" // no mail goes out without
	StartTLSOffered  = "offered"  // only where the server offers it; who can touch the line can take the offer away
	StartTLSNever    = "never"
)

func readSMTP(t *table) SMTP {
	s := SMTP{
		URL:      t.text("url", "", smtpURL),
		Password: t.secret("password"),
		CAFile:   t.text("ca_file", "", optional(t.file.certificates)),
		From:     t.text("from", "", mailAddress),
		Send:     list(t, "send", mailKinds(), known(mailKinds())),
		StartTLS: t.text("starttls", "", oneOf("", StartTLSRequired, StartTLSOffered, StartTLSNever)),
	}
	if s.URL != "" && s.From == "" {
		t.wrong("from", `missing; write who sends our mails, for instance from = "Helpdesk <help@example.org>"`)
	}
	s.place()
	if s.User == "" && !s.Password.Empty() {
		t.wrong("url", `names nobody to log in as; write for instance "smtps://help%40example.org@mail.example.org"`)
	}
	if s.User != "" && s.Password.Empty() {
		t.wrong("password_file", "missing; write the file that holds the password, or password_env with the name of a variable")
	}
	return s
}

// place takes the address apart, and decides on encryption where nothing is
// said: on this machine none is needed, elsewhere it is required.
func (s *SMTP) place() {
	u, err := url.Parse(s.URL)
	if err != nil || s.URL == "" {
		return
	}
	s.TLS, s.User = u.Scheme == "smtps", u.User.Username()
	port := u.Port()
	switch {
	case port != "":
	case s.TLS:
		port = "465"
	case s.User != "":
		port = "587"
	default:
		port = "25"
	}
	s.Host = net.JoinHostPort(u.Hostname(), port)
	if s.StartTLS == "" {
		s.StartTLS = StartTLSRequired
		if ip, err := netip.ParseAddr(u.Hostname()); u.Hostname() == "localhost" || err == nil && ip.IsLoopback() {
			s.StartTLS = StartTLSNever
		}
	}
}

// mailKinds are the mails that users can be sent.
func mailKinds() []string {
	return []string{"queued", "refused", "expired", "superseded", "claimed", "closed"}
}

// Webhook is one [[webhook]]: an address told of events.
type Webhook struct {
	URL    string
	Secret Secret // signs the body
	Events []string
}

// Name tells webhooks apart without telling the address, which is often a
// secret of its own.
func (w Webhook) Name() string {
	sum := sha256.Sum256([]byte(w.URL))
	return hex.EncodeToString(sum[:4])
}

// webhookEvents are the events a webhook can be told of.
func webhookEvents() []string {
	return []string{"queued", "claimed", "expired", "disowned", "still-needs-help", "source-down", "source-up"}
}

func readWebhook(t *table) Webhook {
	if t.lacks("url") {
		t.wrong("url", `missing; write for instance url = "https://chat.example.org/hook"`)
	}
	return Webhook{
		URL:    t.text("url", "", hookURL),
		Secret: t.secret("secret"),
		Events: list(t, "events", webhookEvents(), known(webhookEvents())),
	}
}

// known passes the words of a list.
func known(words []string) func(string) (string, error) {
	return func(s string) (string, error) { return s, oneOf(words...)(s) }
}

// optional passes an empty text too.
func optional(check func(string) error) func(string) error {
	return func(s string) error {
		if s == "" {
			return nil
		}
		return check(s)
	}
}

func smtpURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || !slices.Contains([]string{"smtp", "smtps"}, u.Scheme) || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf(`%q is no address of a mail server; write for instance "smtp://127.0.0.1:25"`, redact(text))
	case hasPassword(u):
		return errors.New("holds a password; write it into a file and name that in password_file")
	}
	return nil
}

func hasPassword(u *url.URL) bool {
	_, has := u.User.Password()
	return has
}

// hookURL passes a web address that may have a query: some chat systems put
// their key there.
func hookURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return errors.New(`is no web address; write for instance "https://chat.example.org/hook"`)
	}
	return nil
}

func mailAddress(text string) error {
	if _, err := mail.ParseAddress(text); err != nil {
		return fmt.Errorf(`%q is no mail address; write for instance "Helpdesk <help@example.org>"`, text)
	}
	return nil
}

// sender reads an address or a domain, which are compared in lower case.
func sender(text string) (string, error) {
	_, err := mail.ParseAddress("x@" + text)
	if strings.Contains(text, "@") {
		_, err = mail.ParseAddress(text)
	}
	if err != nil || strings.ContainsAny(text, " <>") {
		return "", fmt.Errorf(`%q is neither an address nor a domain; write "jane@example.org" or "example.org"`, text)
	}
	return strings.ToLower(text), nil
}
