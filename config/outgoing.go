package config

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
)

// SMTP is how mails are sent; without a URL none is.
type SMTP struct {
	URL      string
	From     string
	Password Secret
}

func readSMTP(t *table) SMTP {
	s := SMTP{
		URL:      t.text("url", "", smtpURL),
		From:     t.text("from", "", mailAddress),
		Password: t.secret("password"),
	}
	if s.URL != "" && s.From == "" {
		t.wrong("from", `missing; write who sends our mails, for instance from = "Helpdesk <help@example.org>"`)
	}
	return s
}

// Webhook is one [[webhook]]: an address told of events.
type Webhook struct {
	URL    string
	Secret Secret // signs the body
	Events []string
}

// webhookEvents are the events a webhook can be told of.
func webhookEvents() []string {
	return []string{"queued", "claimed", "expired", "source-down", "source-up"}
}

func readWebhook(t *table) Webhook {
	if t.lacks("url") {
		t.wrong("url", `missing; write for instance url = "https://chat.example.org/hook"`)
	}
	return Webhook{
		URL:    t.text("url", "", webURL),
		Secret: t.secret("secret"),
		Events: list(t, "events", webhookEvents(), func(s string) (string, error) {
			return s, oneOf(webhookEvents()...)(s)
		}),
	}
}

func smtpURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || !slices.Contains([]string{"smtp", "smtps"}, u.Scheme) || u.Hostname() == "" {
		return fmt.Errorf(`%q is no address of a mail server; write for instance "smtp://127.0.0.1:25"`, redact(text))
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
