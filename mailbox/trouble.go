package mailbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"unicode"

	"github.com/emersion/go-imap/v2"

	"inviter/ticket"
)

// Kind says what sort of trouble there is with a mail server.
type Kind string

// Kinds of trouble.
const (
	Login       Kind = "login"       // user or password refused
	Name        Kind = "name"        // the server's name is not known
	Certificate Kind = "certificate" // the server can't be trusted
	Closed      Kind = "closed"      // nobody listens there
	Silent      Kind = "silent"      // no answer in time
	Lost        Kind = "lost"        // the connection broke
	Folder      Kind = "folder"      // the watched folder is not there
	Server      Kind = "server"      // the server says no, or something unheard of
	Setting     Kind = "setting"     // our own configuration is at fault
)

// Trouble is a fault between us and a mail server, in plain words for the
// person who runs inviter.
type Trouble struct {
	Kind Kind
	What string // what happened
	Do   string // what to do about it; "" where waiting is all
	Err  error
}

// Error is what happened, and what to do.
func (t *Trouble) Error() string {
	if t.Do == "" {
		return t.What
	}
	return t.What + ": " + t.Do
}

// Unwrap also makes a missing folder a ticket.ErrGone.
func (t *Trouble) Unwrap() []error {
	var errs []error
	if t.Kind == Folder {
		errs = append(errs, ticket.ErrGone)
	}
	if t.Err != nil {
		errs = append(errs, t.Err)
	}
	return errs
}

// Slow is true where trying again soon does harm: servers lock accounts after
// a few refused log-ins.
func (t *Trouble) Slow() bool { return t.Kind == Login }

// unreachable explains why there is no connection.
func (a Address) unreachable(err error) error {
	var name *net.DNSError
	t := &Trouble{Kind: Lost, Err: err, What: fmt.Sprintf("no connection to %s: %s", a.dial(), oneLine(err.Error()))}
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		t.Kind, t.What = Name, fmt.Sprintf("there is no mail server called %s", a.Host)
		t.Do = "check the host in the configuration, and this machine's name service"
	case errors.Is(err, syscall.ECONNREFUSED):
		t.Kind, t.What = Closed, fmt.Sprintf("nothing listens at %s", a.dial())
		t.Do = "check host and port in the configuration, and that the mail server runs"
	case untrusted(err):
		t.Kind, t.What, t.Do = Certificate, a.distrust(err), trustAdvice(err)
	case silent(err):
		t.Kind, t.What = Silent, fmt.Sprintf("%s does not answer", a.dial())
		t.Do = "check host and port in the configuration, and firewalls on the way"
	case errors.As(err, new(tls.RecordHeaderError)):
		t.Kind, t.What = Setting, fmt.Sprintf("%s does not speak TLS", a.dial())
		t.Do = "use imap:// for a server that begins in the clear, or its TLS port (993)"
	}
	return t
}

func untrusted(err error) bool {
	var verify *tls.CertificateVerificationError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	return errors.As(err, &verify) || errors.As(err, &invalid) || errors.As(err, &unknown) || errors.As(err, &host)
}

func (a Address) distrust(err error) string {
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate of %s has expired, or is not valid yet", a.Host)
	case errors.As(err, &host):
		return fmt.Sprintf("the certificate of %s is for another name", a.Host)
	}
	return fmt.Sprintf("the certificate of %s is signed by nobody this machine trusts", a.Host)
}

func trustAdvice(err error) string {
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "renew the server's certificate, and check both clocks"
	case errors.As(err, &host):
		return "write the name from the certificate into url"
	}
	return "name its authority's file in ca_file"
}

func silent(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &n) && n.Timeout()
}

// refusedLogin explains the server's no to user and password.
func (a Address) refusedLogin(err error) error {
	var no *imap.Error
	if !errors.As(err, &no) {
		return err
	}
	if notNow(no) {
		return &Trouble{Kind: Server, Err: err, What: fmt.Sprintf("%s can't log anybody in now (%s)", a.Host, said(no))}
	}
	if no.Code == imap.ResponseCodeExpired {
		return &Trouble{Kind: Login, Err: err, What: fmt.Sprintf("the password of %s at %s has expired", a.User, a.Host),
			Do: "set a new one at the server and in password_file"}
	}
	return &Trouble{Kind: Login, Err: err,
		What: fmt.Sprintf("%s refuses the log-in of %s (%s)", a.Host, a.User, said(no)),
		Do:   "check the user in the configuration and password_file, and that the account may use IMAP"}
}

// notNow is true of a no that has nothing to do with who asks.
func notNow(no *imap.Error) bool {
	switch no.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeServerBug, imap.ResponseCodeInUse, imap.ResponseCodeLimit:
		return true
	}
	return false
}

// refusedToken explains the server's no to an access token.
func (a Address) refusedToken(err error) error {
	why := a.refusedLogin(err)
	var t *Trouble
	if errors.As(why, &t) && t.Kind == Login {
		var no *imap.Error
		errors.As(err, &no)
		t.What = fmt.Sprintf("%s refuses the access token for %s (%s)", a.Host, a.User, said(no))
		t.Do = "check the user in url, scopes, and that the application may read this mailbox over IMAP"
	}
	return why
}

// refused explains the server's no to anything else.
func (a Address) refused(doing string, err error) error {
	var no *imap.Error
	if !errors.As(err, &no) {
		return err
	}
	return &Trouble{Kind: Server, Err: err, What: fmt.Sprintf("%s can't %s (%s)", a.Host, doing, said(no))}
}

// said is the server's own text, without how long it took to think of it, as
// Dovecot adds: the same no has to read the same each time.
func said(no *imap.Error) string {
	text := no.Text
	if i := strings.LastIndex(text, " ("); i > 0 && strings.HasSuffix(strings.TrimRight(text, "."), " secs)") {
		text = text[:i]
	}
	if text == "" {
		return "it says no"
	}
	return "it says: " + oneLine(text)
}

// oneLine makes foreign text fit for a log line and a table.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return strings.TrimSpace(s)
}
