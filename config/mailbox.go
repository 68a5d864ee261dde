package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Mailbox is one [[mailbox]]: a helpdesk alias watched over IMAP.
type Mailbox struct {
	Name       string
	Host       string // of the server, as its certificate must name it
	Port       string
	TLS        bool // from the first byte (imaps); otherwise STARTTLS, and plain only on loopback
	User       string
	Folder     string // "/" between its levels
	Password   Secret
	Poll       Schedule
	First      time.Duration // how far back to look at the first connection
	Processed  string        // folder; "" leaves mail in place
	Refused    string
	AuthservID string
	CAFile     string
	OAuth2     OAuth2
}

// OAuth2 logs in to a mailbox instead of a password.
type OAuth2 struct {
	TokenURL     string // "" is not used
	ClientID     string
	ClientSecret Secret
	RefreshToken Secret
	Scopes       []string
}

func readMailbox(t *table) Mailbox {
	m := Mailbox{
		Name:       read(t, "name", "", sourceName),
		Poll:       read(t, "poll", "@every 1m", ParseSchedule),
		First:      read(t, "first", "24h", within(0, longest)),
		Processed:  t.text("processed", "Inviter/Processed", line),
		Refused:    t.text("refused", "Inviter/Refused", line),
		AuthservID: t.text("authserv_id", "", line),
		CAFile:     t.text("ca_file", "", t.file.certificates),
	}
	place := read(t, "url", "", mailboxURL)
	m.Host, m.Port, m.TLS, m.User, m.Folder = place.host, place.port, place.tls, place.user, place.folder
	m.Password = t.secret("password")
	tokens := false
	t.sub("oauth2", func(t *table) {
		m.OAuth2 = readOAuth2(t)
		tokens = !t.lacks("token_url")
	})
	if tokens && !m.Password.Empty() {
		t.wrong("oauth2", "stands beside a password; write one of the two")
	}
	m.missing(t, tokens)
	return m
}

// missing notes what a mailbox can't be without, and folders that would loop.
func (m Mailbox) missing(t *table, tokens bool) {
	if t.lacks("name") {
		t.wrong("name", `missing; write a short name, for instance name = "helpdesk"`)
	}
	if t.lacks("url") {
		t.wrong("url", `missing; write where the mailbox is, for instance url = "imaps://help%40example.org@mail.example.org/INBOX"`)
	}
	if t.lacks("password_file") && t.lacks("password_env") && !tokens {
		t.wrong("password_file", "missing; write the file that holds the password, or password_env with the name of a variable")
	}
	for key, folder := range map[string]string{"processed": m.Processed, "refused": m.Refused} {
		if folder != "" && strings.EqualFold(folder, m.Folder) {
			t.wrong(key, "is the watched folder itself; write another folder, or \"\" to leave mail in place")
		}
	}
}

func readOAuth2(t *table) OAuth2 {
	o := OAuth2{
		TokenURL:     t.text("token_url", "", tokenURL),
		ClientID:     t.text("client_id", "", line),
		ClientSecret: t.secret("client_secret"),
		RefreshToken: t.secret("refresh_token"),
		Scopes:       list(t, "scopes", nil, func(s string) (string, error) { return s, line(s) }),
	}
	o.missing(t)
	return o
}

// missing notes what a log-in by token can't be without.
func (o OAuth2) missing(t *table) {
	secret := !t.lacks("client_secret_file") || !t.lacks("client_secret_env")
	refresh := !t.lacks("refresh_token_file") || !t.lacks("refresh_token_env")
	if t.lacks("token_url") {
		if !t.lacks("client_id") || secret || refresh {
			t.wrong("token_url", `missing; write where tokens are given out, for instance token_url = "https://login.example.org/token"`)
		}
		return
	}
	if t.lacks("client_id") {
		t.wrong("client_id", "missing; write the id under which inviter is registered there")
	}
	if !secret && !refresh {
		t.wrong("client_secret_file", "missing; write the file that holds the client's secret, or refresh_token_file")
	}
}

// tokenURL passes a web address that secrets may be sent to.
func tokenURL(text string) error {
	if err := webURL(text); err != nil {
		return err
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "https" || strings.EqualFold(u.Hostname(), "localhost") {
		return err
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err != nil || !ip.IsLoopback() {
		return errors.New("would send secrets in the clear; write https:// (http is for this machine alone)")
	}
	return nil
}

type mailPlace struct {
	host, port, user, folder string
	tls                      bool
}

// mailboxURL reads "imaps://USER@HOST[:PORT]/FOLDER" and the same with imap.
func mailboxURL(text string) (mailPlace, error) {
	const example = `write for instance "imaps://help%40example.org@mail.example.org/INBOX"`
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return mailPlace{}, fmt.Errorf("%q is no address of a mailbox; %s", redact(text), example)
	}
	place := mailPlace{host: u.Hostname(), port: u.Port(), folder: strings.Trim(u.Path, "/"), tls: u.Scheme == "imaps"}
	if _, secret := u.User.Password(); secret {
		return mailPlace{}, errors.New("holds a password; write that into a file of its own and name it in password_file")
	}
	place.user = u.User.Username()
	switch u.Scheme {
	case "imaps":
		place.port = orDefault(place.port, "993")
	case "imap":
		place.port = orDefault(place.port, "143")
	default:
		return mailPlace{}, fmt.Errorf("%q is neither imaps nor imap (with STARTTLS); %s", u.Scheme, example)
	}
	if place.user == "" {
		return mailPlace{}, fmt.Errorf("%q names no user; %s", text, example)
	}
	if err := line(place.user + place.folder); err != nil {
		return mailPlace{}, fmt.Errorf("its user or folder %w", err)
	}
	if listenAddress(net.JoinHostPort(place.host, place.port)) != nil {
		return mailPlace{}, fmt.Errorf("%q is no port; %s", place.port, example)
	}
	place.folder = orDefault(place.folder, "INBOX")
	return place, nil
}

func orDefault(text, def string) string {
	if text == "" {
		return def
	}
	return text
}
