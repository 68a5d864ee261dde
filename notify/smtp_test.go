package notify_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"inviter/notify"
	"inviter/templates"
	"inviter/ticket"
)

func letter() notify.Message {
	return notify.Message{
		From: "Hélpdesk <help@example.org>", To: "jane@example.org", MessageID: "queued.42.abc@example.org", InReplyTo: "asked@pc",
		Instance: "0123", Language: "de", Date: time.Date(2026, 11, 20, 13, 23, 0, 0, time.UTC),
		Written: templates.Written{Subject: "Ihre Einladung – Nummer 42", Text: "Grüße\n.\nEnde\n", HTML: "<p>Grüße</p>"},
	}
}

func TestMessageHeaders(t *testing.T) {
	t.Parallel()
	b, err := letter().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	again, _ := letter().Bytes()
	if !bytes.Equal(b, again) {
		t.Error("the same message has other bytes")
	}
	h := parsed(t, b).Header
	for name, want := range map[string]string{
		"Auto-Submitted": "auto-replied", "In-Reply-To": "<asked@pc>", "References": "<asked@pc>", "Message-Id": "<queued.42.abc@example.org>",
		"X-Inviter-Instance": "0123", "To": "<jane@example.org>", "Content-Language": "de", "Date": "Fri, 20 Nov 2026 13:23:00 +0000",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !strings.HasPrefix(h.Get("Content-Type"), "multipart/alternative") || strings.Contains(string(b), "\n.\r\n\r\n.") {
		t.Errorf("%s", b)
	}
}

// TestMessageInjection: nothing that a mail's sender wrote can begin a header.
func TestMessageInjection(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"a\r\nBcc: victim@example.org", "a\nX-Evil: 1", "a>\r\n\r\nbody"} {
		for name, change := range map[string]func(*notify.Message){
			"to": func(m *notify.Message) { m.To = bad }, "in-reply-to": func(m *notify.Message) { m.InReplyTo = bad },
			"subject": func(m *notify.Message) { m.Subject = bad }, "message-id": func(m *notify.Message) { m.MessageID = bad },
		} {
			m := letter()
			change(&m)
			b, err := m.Bytes()
			if err != nil {
				continue // refused is as good
			}
			h := parsed(t, b).Header
			if h.Get("Bcc") != "" || h.Get("X-Evil") != "" || h.Get("Auto-Submitted") == "" {
				t.Errorf("%s with %q:\n%s", name, bad, b)
			}
		}
	}
}

func TestRelayFates(t *testing.T) {
	t.Parallel()
	said := func(code int, text string) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: text}
	}
	for name, c := range map[string]struct {
		to, end error
		want    ticket.Fate // Error: a part of it
	}{
		"taken":           {want: ticket.Fate{Sent: true}},
		"greylisted":      {to: said(451, "4.7.1 greylisted, try again"), want: ticket.Fate{Error: "greylisted"}},
		"no such user":    {to: said(550, "5.1.1 no such user"), want: ticket.Fate{Never: true, Error: "no such user"}},
		"relaying denied": {to: said(554, "5.7.1 relay access denied"), want: ticket.Fate{Error: "relay access denied"}},
		"full":            {end: said(452, "4.3.1 no room"), want: ticket.Fate{Error: "no room"}},
		"spam":            {end: said(554, "5.6.0 looks like spam"), want: ticket.Fate{Never: true, Error: "looks like spam"}},
		"cut after DATA":  {end: errCut, want: ticket.Fate{Error: ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.onTo, s.onEnd = []error{c.to}, []error{c.end}
			got := notify.Relay{Host: s.addr, StartTLS: "never"}.Send(t.Context(), letter())
			if got.Sent != c.want.Sent || got.Never != c.want.Never || !strings.Contains(got.Error, c.want.Error) || got.Sent != (got.Error == "") {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if len(s.from) != 1 || s.from[0] != "" {
				t.Errorf("envelope senders %q", s.from)
			}
		})
	}
}

func TestRelayNeedsWhatItWasToldTo(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	if got := (notify.Relay{Host: s.addr, StartTLS: "required"}).Send(t.Context(), letter()); got.Sent || got.Never || !strings.Contains(got.Error, "STARTTLS") {
		t.Errorf("no encryption offered: %+v", got)
	}
	if got := (notify.Relay{Host: s.addr, StartTLS: "offered"}).Send(t.Context(), letter()); !got.Sent {
		t.Errorf("not needed: %+v", got)
	}
	if got := (notify.Relay{Host: s.addr, StartTLS: "never", User: "x", Password: func() (string, error) { return "", errors.New("file is gone") }}).Send(t.Context(), letter()); got.Sent || !strings.Contains(got.Error, "gone") {
		t.Errorf("without the password: %+v", got)
	}
	if _, err := (notify.Relay{Host: s.addr, StartTLS: "never"}).Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestRelayThatHangs: a server that says nothing holds nothing up for ever, and
// the end of the program ends the wait at once.
func TestRelayThatHangs(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	began := time.Now()
	if got := (notify.Relay{Host: listener.Addr().String(), StartTLS: "never", Patience: 200 * time.Millisecond}).Send(t.Context(), letter()); got.Sent || got.Error == "" {
		t.Errorf("%+v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if got := (notify.Relay{Host: listener.Addr().String(), StartTLS: "never"}).Send(ctx, letter()); got.Sent {
		t.Errorf("%+v", got)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}
