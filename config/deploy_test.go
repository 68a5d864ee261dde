package config_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"inviter/config"
)

// The example configuration loads as it is, and with every line that it keeps
// in a comment: those show true keys and, but for the sources, the defaults.
func TestExampleConfiguration(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "deploy", "inviter.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := config.Parse("inviter.toml", string(text), env); err != nil {
		t.Fatal(err)
	}
	password := filepath.Join(t.TempDir(), "mail.password")
	if err := os.WriteFile(password, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`(?m)^#([a-z_]+ *=|\[)`).ReplaceAllString(string(text), "$1")
	all = regexp.MustCompile(`/etc/inviter/(mail\.password|share\.password|oidc\.secret|ask\.code|mattermost\.tokens)`).ReplaceAllLiteralString(all, password)
	c, err := config.Parse("inviter.toml", all, env)
	if err != nil {
		t.Fatal(err)
	}
	d := config.Default()
	if c.Web != d.Web || c.Tickets.Lease != d.Tickets.Lease || c.Limits != d.Limits || c.Senders.Doubtful != d.Senders.Doubtful {
		t.Errorf("shows other defaults: %+v", c)
	}
	if len(c.Mailboxes) != 1 || len(c.Shares) != 2 || c.Mailboxes[0].Password.Reveal() != "hunter2" {
		t.Errorf("sources %+v", c)
	}
}
