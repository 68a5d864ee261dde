package mailbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
)

// reach connects to the server and agrees on encryption. What it returns
// begins with a greeting.
func (m *Mailbox) reach(ctx context.Context) (*wire, error) {
	ctx, cancel := context.WithTimeout(ctx, m.options.Reach)
	defer cancel()
	config, err := m.trust()
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	raw, err := d.DialContext(ctx, "tcp", m.at.dial())
	if err != nil {
		return nil, m.at.unreachable(err)
	}
	w, err := m.secure(ctx, raw, config)
	if err != nil {
		raw.Close()
		return nil, err
	}
	return w, nil
}

func (m *Mailbox) secure(ctx context.Context, raw net.Conn, config *tls.Config) (*wire, error) {
	conn, head := raw, []byte(nil)
	if !m.at.TLS {
		g := greeter{at: m.at, conn: raw}
		upgrade, line, err := g.ask(ctx)
		if err != nil || !upgrade {
			return newWire(raw, line, m.mostAnswer()), err
		}
		head = line
	}
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, m.at.unreachable(err)
	}
	return newWire(secured, head, m.mostAnswer()), nil
}

// trust is the TLS configuration. The authority's file is read anew each time,
// so that a renewed one needs no restart.
func (m *Mailbox) trust() (*tls.Config, error) {
	config := &tls.Config{ServerName: m.at.Host, MinVersion: tls.VersionTLS12}
	if m.options.CAFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(m.options.CAFile)
	if err != nil {
		return nil, &Trouble{Kind: Setting, Err: err, What: "ca_file can't be read: " + err.Error()}
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, &Trouble{Kind: Setting, What: fmt.Sprintf("ca_file %s holds no certificate in PEM form", m.options.CAFile)}
	}
	return config, nil
}

// mostAnswer bounds one answer of the server: the largest thing ever asked for
// is a mail up to its limit.
func (m *Mailbox) mostAnswer() int64 { return int64(m.options.Limits.Mail) + 1<<20 }
