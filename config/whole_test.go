package config

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// everything parses a text as a version does that lacks nothing.
func everything(text string) (Config, error) {
	return Parse("x", text, func(name string) (string, bool) { return "hunter2", name == "SECRET" })
}

// Also what is not supported yet is read and checked to the end.
func TestEverything(t *testing.T) {
	t.Parallel()
	c, err := everything(`
database = "postgres://db/inviter"
language = "de"
[web]
phone = "+49 30 1234"
time_zone = "Europe/Berlin"
[tickets]
codes = true
keep_history = "30d"
allowed_networks = ["10.0.0.0/8", "fd00::1"]
confirm_claim_outside = false
[senders]
allow = ["Example.ORG", "jane@example.com"]
doubtful = "quarantine"
[[mailbox]]
name = "a"
url = "imaps://a@b"
authserv_id = "mx.example.org"
[mailbox.oauth2]
token_url = "https://login.example.org/token"
client_id = "id"
client_secret_env = "SECRET"
refresh_token_env = "SECRET"
scopes = ["imap", "offline"]
[[share]]
name = "b"
url = "smb://user@fileserver/support/invitations"
password_env = "SECRET"
receipts = false
[smtp]
url = "smtp://127.0.0.1:25"
from = "Helpdesk <help@example.org>"
[[webhook]]
url = "https://chat.example.org/hook"
secret_env = "SECRET"
events = ["queued"]
[[webhook]]
url = "https://chat.example.org/all"
[ask]
enabled = false
code_env = "SECRET"
[login]
local = false
[login.oidc]
issuer = "https://id.example.org"
client_id = "inviter"
client_secret_env = "SECRET"
roles = { lead = ["helpdesk-leads"], technician = ["helpdesk"] }
`)
	if err != nil {
		t.Fatal(err)
	}
	box, share, oidc := c.Mailboxes[0], c.Shares[0], c.Login.OIDC
	for what, ok := range map[string]bool{
		"database": c.Database == "postgres://db/inviter" && c.Language == "de",
		"web":      c.Web.Phone == "+49 30 1234" && c.Web.TimeZone.String() == "Europe/Berlin",
		"tickets":  c.Tickets.Codes && !c.Tickets.ConfirmClaimOutside && c.Tickets.KeepHistory == 30*24*time.Hour,
		"networks": fmt.Sprint(c.Tickets.AllowedNetworks) == "[10.0.0.0/8 fd00::1/128]",
		"senders":  fmt.Sprint(c.Senders) == "{[example.org jane@example.com] quarantine}",
		"mailbox":  box.AuthservID == "mx.example.org" && box.Password.Empty(),
		"oauth2":   box.OAuth2.ClientSecret.Reveal() == "hunter2" && len(box.OAuth2.Scopes) == 2,
		"share":    share.Server.Host == "fileserver" && share.Password.Reveal() == "hunter2" && !share.Receipts,
		"smtp": c.SMTP.URL == "smtp://127.0.0.1:25" && c.SMTP.From == "Helpdesk <help@example.org>" &&
			c.SMTP.Host == "127.0.0.1:25" && c.SMTP.StartTLS == StartTLSNever && len(c.SMTP.Send) == 6,
		"webhooks": fmt.Sprint(c.Webhooks[0].Events) == "[queued]" && len(c.Webhooks[1].Events) == 7,
		"ask":      !c.Ask.Enabled && c.Ask.Code.Reveal() == "hunter2",
		"login":    !c.Login.Local && oidc.Roles["lead"][0] == "helpdesk-leads" && len(oidc.Roles) == 2,
	} {
		if !ok {
			t.Errorf("%s: read wrong", what)
		}
	}
}

func TestMistakesOfWhatComesLater(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"database = 'mysql://a:geheim@b'":                              `x:1: database: "mysql://a:…@b" is no database`,
		"web.time_zone = 'Berlin'":                                     `x:1: web.time_zone: "Berlin" is no time zone`,
		"tickets.allowed_networks = ['10.0.0.1/8']":                    `x:1: tickets.allowed_networks: entry 1: "10.0.0.1/8" is no network`,
		"tickets.allowed_networks = [\n'::1',\n1]":                     `x:1: tickets.allowed_networks: entry 2 is a number; write a text`,
		"senders.allow = ['a b']":                                      `x:1: senders.allow: entry 1: "a b" is neither an address nor a domain`,
		"smtp.url = 'relay'":                                           `x:1: smtp.url: "relay" is no address of a mail server`,
		"smtp.url = 'smtp://relay'":                                    `x:1: smtp.from: missing`,
		"[smtp]\nurl = 'smtp://relay'\nfrom = 'me'":                    `x:3: smtp.from: "me" is no mail address`,
		"[[webhook]]\nurl = 'http://a'\nevents = ['x']":                `x:3: webhook.events: entry 1: "x" is not known; write one of: queued, `,
		"[smtp]\nfrom='a@b.c'\nurl = 'smtp://a:geheim@b'":              `x:3: smtp.url: holds a password`,
		"[smtp]\nfrom='a@b.c'\nurl = 'smtp://a@b'":                     `x:1: smtp.password_file: missing`,
		"[smtp]\nfrom='a@b.c'\nurl = 'smtp://b'\nstarttls = 'perhaps'": `x:4: smtp.starttls: "perhaps" is not known`,
		"[smtp]\nsend = ['welcome']":                                   `x:2: smtp.send: entry 1: "welcome" is not known; write one of: queued, refused`,
		"[[webhook]]\nurl = 'ftp://a'":                                 `x:2: webhook.url: is no web address`,
		"[[webhook]]":                                                  `x:1: webhook.url: missing`,
		"login.oidc.roles.boss = ['a']":                                `x:1: login.oidc.roles.boss: unknown key`,
		"[[share]]\nname='a'\npath='/b'\nurl='smb://u@c/d'":            `x:4: share.url: stands beside path`,
		"[[share]]\nname='a'\nurl='smb://c:geheim@c/d'":                `x:3: share.url: holds a password`,
		"[[share]]\nname='a'\nurl='cifs://c'":                          `x:3: share.url: "cifs://c" is no address of a share`,
		"[[share]]\nname='a'\nurl='smb://u@c/d'\npassword_env='GONE'":  `x:4: share.password_env: the environment variable GONE is not set`,
		"[login.oidc]\nissuer = 'http://id.example.org'":               `x:2: login.oidc.issuer: would send secrets in the clear`,
		"[login.oidc]\nissuer = 'https://id.example.org'":              `x:1: login.oidc.client_id: missing`,
		"[login.oidc]\nclient_id = 'inviter'":                          `x:1: login.oidc.issuer: missing`,
		"[login]\nlocal = false":                                       `x:2: login.local: leaves nobody a way in`,
	} {
		if _, err := everything(text); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q:\ngot  %v\nwant %s", text, err, want)
		}
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0s": 0, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "365d": 365 * day, "1d12h": 36 * time.Hour, "0d": 0,
	} {
		if got, err := duration(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "5", "-1d", "1.5d", "1d2", "2h1d", "d5h", "36501d", "99999999999999999999d", "1e9h", "876001h"} {
		if got, err := duration(text); err == nil {
			t.Errorf("%q: accepted as %v", text, got)
		}
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"64KB": 65536, "5MB": 5 << 20, "5 mb": 5 << 20, "1GB": 1 << 30, "100B": 100, "100": 100} {
		if got, err := size(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "KB", "-1KB", "1.5MB", "3GB", "5TB", "1K B", "99999999999999"} {
		if got, err := size(text); err == nil {
			t.Errorf("%q: accepted as %d", text, got)
		}
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	if got, err := network("192.0.2.7"); err != nil || got != netip.MustParsePrefix("192.0.2.7/32") {
		t.Errorf("got %v, %v", got, err)
	}
	for _, text := range []string{"", "10.0.0.0/33", "example.org", "fe80::1%eth0", "10.0.0.0/8/8"} {
		if got, err := network(text); err == nil {
			t.Errorf("%q: accepted as %v", text, got)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"listen", "name", "tls_key", "tls_cert"}
	for key, want := range map[string]string{"nmae": "name", "listn": "listen", "tls-key": "tls_key", "port": "", "x": "", strings.Repeat("n", 99): ""} {
		if got := nearest(key, known); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("x"), 0o000); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(file); err == nil {
		t.Skip("this account reads every file")
	}
	if _, err := secretFile(file); err == nil || !errors.Is(err, os.ErrPermission) {
		t.Errorf("got %v", err)
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"imap://a:b:c@d@e/f": "imap://a:…@e/f", "imap://a@b": "imap://a@b", "a:b@c": "a:b@c", "": "", "x://": "x://", "x://@": "x://@",
	} {
		if got := redact(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
