package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"inviter/ticket"
)

// Relay is the mail server that takes our mails.
type Relay struct {
	Host     string // "HOST:PORT"
	TLS      bool   // from the first byte
	StartTLS string // "required", "offered" or "never", where TLS is false
	CAFile   string // PEM, beside the system's
	User     string // "" logs in nowhere
	Password func() (string, error)
	Hello    string        // how we call ourselves, "" = this computer's name
	Patience time.Duration // for a whole mail, 0 = 1 min
}

// Send hands one mail to the server, with an empty envelope sender, so that no
// bounce of it ever comes back (RFC 3834 section 3.3). It is sent once the
// server says so after the last byte. A connection that is lost before that
// answer leaves open whether it was: then the same mail is sent again.
func (r Relay) Send(ctx context.Context, m Message) ticket.Fate {
	body, err := m.Bytes()
	if err != nil {
		return ticket.Fate{Never: true, Error: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, r.patience())
	defer cancel()
	c, err := r.dial(ctx)
	if err != nil {
		return ticket.Fate{Error: plain(err)}
	}
	defer c.Close()
	if err := c.Mail("<>"); err != nil {
		return ticket.Fate{Error: plain(err)}
	}
	if err := c.Rcpt("<" + m.To + ">"); err != nil {
		return ticket.Fate{Never: unknownUser(err), Error: plain(err)}
	}
	if err := write(c, body); err != nil {
		return ticket.Fate{Never: forGood(err), Error: plain(err)}
	}
	_ = c.Quit()
	return ticket.Fate{Sent: true}
}

func write(c *smtp.Client, body []byte) error {
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		return err
	}
	return w.Close()
}

// Check logs in to the server and says what it is, for inviter check.
func (r Relay) Check(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, r.patience())
	defer cancel()
	c, err := r.dial(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.Mail("<>"); err != nil {
		return "", fmt.Errorf("an empty sender: %w", err)
	}
	said := r.Host
	if _, encrypted := c.TLSConnectionState(); encrypted {
		said += ", encrypted"
	}
	if r.User != "" {
		said += ", logged in as " + r.User
	}
	return said, c.Quit()
}

// dial connects, encrypts and logs in.
func (r Relay) dial(ctx context.Context) (*smtp.Client, error) {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	config, err := r.certificates(host)
	if err != nil {
		return nil, err
	}
	options := []mail.Option{
		mail.WithPort(number), mail.WithTimeout(r.patience()), mail.WithTLSConfig(config), mail.WithTLSPolicy(r.policy()),
		mail.WithoutSMTPUTF8(), mail.WithDialContextFunc(r.line(ctx, config)),
	}
	if r.TLS {
		options = append(options, mail.WithSSL())
	}
	if r.Hello != "" {
		options = append(options, mail.WithHELO(r.Hello))
	}
	if r.User != "" {
		password, err := r.Password()
		if err != nil {
			return nil, err
		}
		options = append(options, mail.WithUsername(r.User), mail.WithPassword(password), mail.WithOpportunisticSMTPAuth(r.logins()...))
	}
	c, err := mail.NewClient(host, options...)
	if err != nil {
		return nil, err
	}
	return c.DialToSMTPClientWithContext(ctx)
}

func (r Relay) policy() mail.TLSPolicy {
	switch {
	case r.TLS || r.StartTLS == "never":
		return mail.NoTLS
	case r.StartTLS == "offered":
		return mail.TLSOpportunistic
	}
	return mail.TLSMandatory
}

// line opens the connection, which ends with ctx at whatever it is: the library
// looks at ctx only until it is open.
func (r Relay) line(ctx context.Context, config *tls.Config) mail.DialContextFunc {
	return func(dial context.Context, network, address string) (conn net.Conn, err error) {
		if r.TLS {
			conn, err = (&tls.Dialer{Config: config}).DialContext(dial, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(dial, network, address)
		}
		if err == nil {
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
}

// logins are the ways to log in, best first. None shows a password on an open
// line, but where that was asked for.
func (r Relay) logins() []mail.SMTPAuthType {
	list := []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1}
	if !r.TLS && r.StartTLS == "never" {
		return append(list, mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc)
	}
	return append(list, mail.SMTPAuthPlain, mail.SMTPAuthLogin)
}

func (r Relay) certificates(host string) (*tls.Config, error) {
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if r.CAFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(r.CAFile)
	if err != nil {
		return nil, err
	}
	if config.RootCAs, err = x509.SystemCertPool(); err != nil {
		config.RootCAs = x509.NewCertPool()
	}
	config.RootCAs.AppendCertsFromPEM(pem)
	return config, nil
}

func (r Relay) patience() time.Duration {
	if r.Patience == 0 {
		return time.Minute
	}
	return r.Patience
}

// forGood tells whether the server refused for ever (RFC 5321 section 4.2.1).
func forGood(err error) bool {
	var said *textproto.Error
	return errors.As(err, &said) && said.Code >= 500 && said.Code < 600
}

// unknownUser tells whether it is this recipient that is refused. A refusal for
// policy (RFC 3463, 5.7.x: relaying, log-in) is about us, and may be mended.
func unknownUser(err error) bool {
	var said *textproto.Error
	return forGood(err) && errors.As(err, &said) && !strings.HasPrefix(said.Msg, "5.7.")
}

// plain is an error on one line, for the page and the log.
func plain(err error) string {
	const most = 300
	s := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "?")), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
