package config_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"inviter/config"
)

// env is a small world: one variable.
func env(name string) (string, bool) { return "hunter2", name == "MAIL_PASSWORD" }

func parse(t *testing.T, text string) config.Config {
	t.Helper()
	c, err := config.Parse("inviter.toml", text, env)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func schedule(text string) config.Schedule {
	s, err := config.ParseSchedule(text)
	if err != nil {
		panic(err)
	}
	return s
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c := parse(t, "")
	if d := config.Default(); !reflect.DeepEqual(c, d) {
		t.Errorf("Default is %+v, an empty file %+v", d, c)
	}
	for what, ok := range map[string]bool{
		"data":       c.Data == "inviter-data" && c.KeyFile == filepath.Join("inviter-data", "inviter.key"),
		"language":   c.Language == "en",
		"web":        c.Web.Listen == "127.0.0.1:8080" && c.Web.PublicURL == "http://127.0.0.1:8080",
		"names":      c.Web.Name == "Helpdesk" && c.Web.TimeZone == time.Local,
		"lifetimes":  c.Tickets.Lifetime == 6*time.Hour && c.Tickets.MaxLifetime == 24*time.Hour,
		"leases":     c.Tickets.Lease == 5*time.Minute && c.Tickets.Grace == 10*time.Minute,
		"history":    c.Tickets.KeepHistory == 365*24*time.Hour,
		"asks":       c.Tickets.ConfirmClaimOutside && !c.Tickets.Codes,
		"limits":     c.Limits == config.Limits{Mail: 5 << 20, Invitation: 64 << 10, Depth: 20, Parts: 500},
		"senders":    c.Senders.Doubtful == "queue" && c.Senders.Allow == nil,
		"login":      c.Login.Local && c.Login.OIDC.NameClaim == "preferred_username",
		"ask":        c.Ask.Enabled && c.Ask.Code.Empty(),
		"no sources": c.Mailboxes == nil && c.Shares == nil && c.Webhooks == nil,
	} {
		if !ok {
			t.Errorf("%s: not the default: %+v", what, c)
		}
	}
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	c := parse(t, `
[[mailbox]]
name = "helpdesk"
url  = "imaps://help%40example.org@mail.example.org/Support/In"
password_env = "MAIL_PASSWORD"

[[mailbox]]
name = "old"
url  = "imap://old@[::1]:1143"
password_env = "MAIL_PASSWORD"
poll = "@every 5m"
first = "2d12h"
processed = ""
`)
	want := config.Mailbox{
		Name: "helpdesk", Host: "mail.example.org", Port: "993", TLS: true,
		User: "help@example.org", Folder: "Support/In", Password: config.NewSecret("hunter2"),
		Poll: schedule("@every 1m"), First: 24 * time.Hour,
		Processed: "Inviter/Processed", Refused: "Inviter/Refused",
	}
	if got := c.Mailboxes[0]; fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) || got.Password != want.Password {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	old := c.Mailboxes[1]
	if old.Host != "::1" || old.Port != "1143" || old.TLS || old.Folder != "INBOX" || old.Processed != "" ||
		old.First != 60*time.Hour || old.Poll.String() != "@every 5m" {
		t.Errorf("second mailbox: %+v", old)
	}
}

func TestShareInEitherSpelling(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"[[share]]\nname = \"support\"\npath = \"/srv/support\"\nsettle = \"0s\"\n",
		`share = [{name = "support", path = "/srv/support", settle = "0s"}]`,
	} {
		s := parse(t, text).Shares[0]
		want := config.Share{Name: "support", Path: "/srv/support", Poll: schedule("@every 5s"),
			GiveUp: 2 * time.Minute, Mode: "take", User: "auto", Receipts: true}
		if s != want {
			t.Errorf("got  %+v\nwant %+v", s, want)
		}
	}
}

func TestPublicURLFollowsListen(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"127.0.0.1:9000": "http://127.0.0.1:9000",
		":80":            "http://127.0.0.1:80",
		"[::]:80":        "http://127.0.0.1:80",
		"[::1]:80":       "http://[::1]:80",
	} {
		if got := parse(t, "web.listen = \""+listen+"\"").Web.PublicURL; got != want {
			t.Errorf("%s: got %s, want %s", listen, got, want)
		}
	}
	if got := parse(t, `web.public_url = "https://help.example.org/"`).Web.PublicURL; got != "https://help.example.org" {
		t.Errorf("slash kept: %s", got)
	}
}

// Every default written out is accepted.
func TestDefaultsWrittenOut(t *testing.T) {
	t.Parallel()
	parse(t, `
data = "inviter-data"
database = ""
key_file = ""
language = "en"
[web]
listen = "127.0.0.1:8080"
public_url = "http://127.0.0.1:8080"
tls_cert = ""
tls_key = ""
name = "Helpdesk"
phone = ""
time_zone = "Local"
[tickets]
lifetime = "6h"
max_lifetime = "24h"
lease = "5m"
grace = "10m"
keep_history = "365d"
codes = false
allowed_networks = []
confirm_claim_outside = true
[limits]
mail = "5MB"
invitation = "64KB"
depth = 20
parts = 500
[senders]
allow = []
doubtful = "queue"
[[mailbox]]
name = "a"
url = "imaps://a@b"
password_file = ""
password_env = "MAIL_PASSWORD"
poll = "@every 1m"
first = "24h"
processed = "Inviter/Processed"
refused = "Inviter/Refused"
authserv_id = ""
ca_file = ""
[mailbox.oauth2]
token_url = ""
client_id = ""
client_secret_file = ""
refresh_token_file = ""
scopes = []
[[share]]
name = "a"
path = "/srv"
url = ""
poll = "@every 5s"
settle = "2s"
give_up = "2m"
mode = "take"
user = "auto"
receipts = true
[smtp]
url = ""
from = ""
password_file = ""
[login]
local = true
[login.oidc]
issuer = ""
client_id = ""
client_secret_file = ""
name_claim = "preferred_username"
role_claim = "groups"
`)
}

func TestSecretFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(" pass word \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := parse(t, "[[mailbox]]\nname='a'\nurl='imaps://a@b'\npassword_file='"+file+"'")
	secret := c.Mailboxes[0].Password
	if secret.Reveal() != " pass word " {
		t.Errorf("read %q", secret.Reveal())
	}
	if err := os.WriteFile(file, []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if now, err := secret.Now(); err != nil || now != "changed" {
		t.Errorf("after a change: %q, %v", now, err)
	}
	if now, err := config.NewSecret("x").Now(); err != nil || now != "x" {
		t.Errorf("of no file: %q, %v", now, err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c, "secret", secret)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c, "secret", secret)
	shown := fmt.Sprintf("%v %+v %#v %s %q %x %d", c, c, c, secret, secret, secret, secret) + log.String()
	if strings.Contains(shown, "pass word") || strings.Contains(shown, "2070617373") {
		t.Errorf("a secret shows: %s", shown)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.toml")
	if err := os.WriteFile(file, []byte("data = \"elsewhere\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file)
	if err != nil || c.Data != "elsewhere" || c.KeyFile != filepath.Join("elsewhere", "inviter.key") {
		t.Errorf("got %+v, %v", c, err)
	}
	for name, want := range map[string]string{
		filepath.Join(dir, "b.toml"): "b.toml: is not there; make it, or name the right file",
		dir:                          "is not a file",
	} {
		if _, err := config.Load(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

func TestLoadWithoutFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if c, err := config.Load(""); err != nil || c.Data != "inviter-data" {
		t.Errorf("without a file: %+v, %v", c, err)
	}
	if err := os.WriteFile("inviter.toml", []byte("data = 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(""); err == nil || !strings.HasPrefix(err.Error(), "inviter.toml:1: data: ") {
		t.Errorf("with a bad one: %v", err)
	}
}
