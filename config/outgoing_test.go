package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestSMTPPlaces(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"smtp://127.0.0.1":                           "127.0.0.1:25 false never ",
		"smtp://localhost:2525":                      "localhost:2525 false never ",
		"smtp://[::1]":                               "[::1]:25 false never ",
		"smtp://relay.example.org":                   "relay.example.org:25 false required ",
		"smtp://help%40example.org@mail.example.org": "mail.example.org:587 false required help@example.org",
		"smtps://help@mail.example.org/":             "mail.example.org:465 true required help",
	} {
		text := "[smtp]\nfrom = 'a@b.c'\nurl = '" + url + "'\n"
		if strings.Contains(url, "@") {
			text += "password_env = 'SECRET'\n"
		}
		c, err := everything(text)
		if got := fmt.Sprint(c.SMTP.Host, " ", c.SMTP.TLS, " ", c.SMTP.StartTLS, " ", c.SMTP.User); err != nil || got != want {
			t.Errorf("%s: got %q, want %q; %v", url, got, want, err)
		}
	}
	if c, err := everything("[smtp]\nfrom = 'a@b.c'\nurl = 'smtp://b'\nsend = []\nstarttls = 'offered'"); err != nil || len(c.SMTP.Send) != 0 || c.SMTP.StartTLS != StartTLSOffered {
		t.Errorf("%+v %v", c.SMTP, err)
	}
}

// TestWebhookNameTellsNothing: a chat system's address is often its key.
func TestWebhookNameTellsNothing(t *testing.T) {
	t.Parallel()
	c, err := everything("[[webhook]]\nurl = 'https://chat.example.org/a?sig=geheim'\n[[webhook]]\nurl = 'https://chat.example.org/b'")
	if err != nil {
		t.Fatal(err)
	}
	one, other := c.Webhooks[0].Name(), c.Webhooks[1].Name()
	if one == other || len(one) != 8 || strings.Contains(one, "geheim") {
		t.Errorf("%q %q", one, other)
	}
}
