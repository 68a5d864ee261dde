package postoffice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-smtp"
)

// serve opens both doors.
func (off *Office) serve() (err error) {
	if off.imap, err = openDoor(off.o.IMAP, 0); err != nil {
		return fmt.Errorf("imap: %w", err)
	}
	off.stops = append(off.stops, off.imap.Close)
	if off.smtp, err = openDoor(off.o.SMTP, clientLife); err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	off.stops = append(off.stops, off.smtp.Close)
	off.done.Go(off.serveIMAP())
	off.done.Go(off.serveSMTP())
	return nil
}

func (off *Office) serveIMAP() func() {
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &client{off: off}, nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapMove: {}, imap.CapUIDPlus: {}, imap.CapNamespace: {},
			imap.CapESearch: {}, imap.CapListStatus: {}, imap.CapStatusSize: {},
		},
		InsecureAuth: true, // loopback only
		Logger:       quiet{off.o.Log.With("server", "imap")},
	})
	off.stops = append(off.stops, server.Close)
	return func() { off.fault("imap", server.Serve(off.imap)) }
}

func (off *Office) serveSMTP() func() {
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &envelope{off: off, peer: c.Hostname()}, nil
	}))
	server.Domain = "localhost"
	server.MaxMessageBytes = MaxMail
	server.MaxRecipients = 10
	server.ReadTimeout = smtpTimeout
	server.WriteTimeout = smtpTimeout
	server.EnableSMTPUTF8 = true
	server.ErrorLog = quiet{off.o.Log.With("server", "smtp")}
	off.stops = append(off.stops, func() error { // the door has closed all connections by then
		ctx, cancel := context.WithTimeout(context.Background(), farewell)
		defer cancel()
		return server.Shutdown(ctx)
	})
	return func() { off.fault("smtp", server.Serve(off.smtp)) }
}

// fault logs why a server ended, unless it was told to.
func (off *Office) fault(server string, err error) {
	off.mu.Lock()
	defer off.mu.Unlock()
	if err != nil && !off.closed {
		off.o.Log.Error("mail server ended", "server", server, "error", err)
	}
}

// envelope is one SMTP connection.
type envelope struct {
	off  *Office
	peer string
	from string
	take bool   // a recipient was accepted
	to   string // who that is, where it isn't the office itself
}

// Reset forgets the mail that was begun.
func (e *envelope) Reset() { e.from, e.take, e.to = "", false, "" }

// Logout has nothing to let go of.
func (e *envelope) Logout() error { return nil }

// Mail notes the sender; anybody may write.
func (e *envelope) Mail(from string, _ *smtp.MailOptions) error {
	e.from = from
	return nil
}

// Rcpt takes the office's own address, and others where somebody takes their
// mail here: nothing is forwarded. A mail has one recipient.
func (e *envelope) Rcpt(to string, _ *smtp.RcptOptions) error {
	own := strings.EqualFold(to, e.off.o.Address)
	switch {
	case e.take && (!own || e.to != ""):
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 5, 3}, Message: "One recipient at a time"}
	case !own && e.off.o.Other != nil:
		e.take, e.to = true, to
		return nil
	case !own:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1},
			Message: "This demo takes mail for " + e.off.o.Address + " only"}
	}
	e.take = true
	return nil
}

// Data puts the mail into the inbox. The answer OK means that it is on the disk.
func (e *envelope) Data(r io.Reader) error {
	if e.to != "" {
		return e.handOn(r)
	}
	now := e.off.o.Clock()
	trace := fmt.Sprintf("Return-Path: <%s>\r\nReceived: from %s by localhost (inviter demo); %s\r\n",
		printable(e.from), printable(e.peer), now.Format(time.RFC1123Z))
	_, err := e.off.deliver(inbox, io.MultiReader(strings.NewReader(trace), r), now, nil)
	switch {
	case errors.Is(err, errTooLarge):
		return smtp.ErrDataTooLarge
	case errors.Is(err, errTooDeep):
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: errTooDeep.Error()}
	case errors.Is(err, errFull), errors.Is(err, errClosed):
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: err.Error()}
	}
	return err
}

// handOn gives a mail to who takes it for others.
func (e *envelope) handOn(r io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(r, MaxMail+1))
	switch {
	case err != nil:
		return err
	case len(b) > MaxMail:
		return smtp.ErrDataTooLarge
	}
	return e.off.o.Other(e.to, b)
}

// printable keeps what a client said of itself on its line.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), 300)]
}

// quiet passes on what the mail libraries say of their clients: only broken
// code is worth a line at ordinary times.
type quiet struct{ log *slog.Logger }

// Printf is what both libraries call.
func (q quiet) Printf(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if strings.HasPrefix(line, "panic") {
		q.log.Error("mail server panic", "detail", line)
		return
	}
	q.log.Debug("mail client", "detail", line)
}

// Println is what go-smtp's logger has beside Printf.
func (q quiet) Println(args ...any) { q.Printf("%s", fmt.Sprintln(args...)) }
