package config_test

import (
	"errors"
	"strings"
	"testing"

	"inviter/config"
)

// Whatever a file holds, it is a Config or Mistakes, each on a line of its own
// that names a line of the file.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"data = 'x'\n[web]\nlisten = ':80'",
		mailboxHead + "url = 'imaps://a%40b@c/INBOX'\n[mailbox.oauth2]\nscopes = ['a']",
		shareHead + "settle = '1d2h'\n[[share]]\nname = \"b\"\npath = \"\"\"\nc\"\"\"",
		"[login.oidc]\nroles = { lead = ['a'], 'technician' = [\"b\", # c\n'd'] }",
		"share = [{name = 'a', path = '''b'''}, {}]\nwebhook = [[[]]]\n[[senders.allow]]\n[a.'b.c'.\"d\\ne\"]",
		"limits = { mail = '1KB', depth = 3 }\ntickets.lifetime = '-1d'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := config.Parse("inviter.toml", text, env)
		if err == nil {
			return
		}
		var mistakes config.Mistakes
		if !errors.As(err, &mistakes) || len(mistakes) == 0 {
			t.Fatalf("no mistakes but %v", err)
		}
		last := strings.Count(text, "\n") + 1
		for _, m := range mistakes {
			if m.Line < 1 || m.Line > last {
				t.Errorf("%q: names line %d of %d: %s", text, m.Line, last, m)
			}
			if strings.ContainsAny(m.Error(), "\n\r\x1b") {
				t.Errorf("%q: not one line: %q", text, m)
			}
		}
	})
}
