package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inviter/config"
)

const mailboxHead = "[[mailbox]]\nname = 'a'\npassword_env = 'MAIL_PASSWORD'\n"
const tokens = "[[mailbox]]\nname = 'a'\nurl = 'imaps://a@b'\n[mailbox.oauth2]\n"
const shareHead = "[[share]]\nname = 'a'\npath = '/srv'\n"

// Each mistake, and how its line begins after the file's name.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"dta = 'x'", "1: dta: unknown key; did you mean data?"},
		{"\ufeffdta = 'x'\r\n", "1: dta: unknown key; did you mean data?"},
		{"[web]\r\nlisten = ':80'\r\nname = ''\r\nport=80\r\n", "3: web.name: is empty; write a value or take the line out\ninviter.toml:4: web.port: unknown"},
		{"\n\n[web]\nlisten = ':80'\nport = 80", "5: web.port: unknown key; known here: "},
		{"[wob]\nlisten = ':80'", "1: wob: unknown key; did you mean web?"},
		{"[[mailbox]]\nname='a'\nurl='imaps://a@b'\npassword_env='MAIL_PASSWORD'\n[mailbox.oauth]\nx=1", "5: mailbox.oauth: unknown key; did you mean oauth2?"},
		{"data = 5", "1: data: is a number; write a text in quotes"},
		{"data = ''", "1: data: is empty"},
		{"data = true", "1: data: is true or false; write a text"},
		{"data = 1979-05-27", "1: data: is a date or time"},
		{"data = [1]", "1: data: is a list;"},
		{"language = 'fr'", "1: language: "},
		{"web = 5", "1: web: is a number; write a table: [web] on a line of its own"},
		{"[[web]]\nlisten = ':80'", "1: web: is a list of tables; write a table"},
		{"[mailbox]\nname = 'a'", "1: mailbox: is a table; write [[mailbox]] on a line of its own"},
		{"mailbox = ['a']", "1: mailbox: is a list; write [[mailbox]]"},
		{"web.listen = '8080'", `1: web.listen: "8080" is no address to listen at; write "HOST:PORT"`},
		{"web.listen = ':99999'", "1: web.listen: "},
		{"web.public_url = 'help.example.org'", "1: web.public_url: "},
		{"web.public_url = 'https://a:b@c'", `1: web.public_url: "https://a:…@c" is no web address`},
		{"web.tls_cert = '/nowhere/cert.pem'", "1: web.tls_cert: /nowhere/cert.pem is not there"},
		{"web.name = ' '", "1: web.name: is empty"},
		{"web.name = \"a\\u202eb\"", "1: web.name: is too long or holds control characters"},
		{"[tickets]\n\nlifetime = '6 hours'", `3: tickets.lifetime: "6 hours" is no length of time; write for instance "30s"`},
		{"[tickets]\nlifetime = 6", "2: tickets.lifetime: is a number; write a text in quotes"},
		{"[tickets]\nlifetime = '-1h'", `2: tickets.lifetime: "-1h" is too short`},
		{"[tickets]\nlifetime = '1d-1h'", `2: tickets.lifetime: "1d-1h" is no length`},
		{"[tickets]\nlifetime = '30h'", "2: tickets.lifetime: lifetime (30h0m0s) is longer than max_lifetime (24h0m0s)"},
		{"[tickets]\nmax_lifetime = '1h'", "2: tickets.max_lifetime: lifetime (6h0m0s) is longer"},
		{"[tickets]\nlease = '99999999d'", `2: tickets.lease: "99999999d" is too long; write at most "36500d"`},
		{"tickets.codes = 'no'", "1: tickets.codes: is a text; write true or false, without quotes"},
		{"limits.mail = '6MB'", `1: limits.mail: "6MB" is out of bounds; limits only go down: write at most "5MB"`},
		{"limits.mail = '5 apples'", "1: limits.mail: "},
		{"limits.invitation = '0KB'", "1: limits.invitation: "},
		{"limits.invitation = '99999999999999999999KB'", "1: limits.invitation: "},
		{"limits.depth = 21", "1: limits.depth: 21 is out of bounds; write a number from 1 to 20"},
		{"limits.parts = '5'", "1: limits.parts: is a text; write a whole number, without quotes"},
		{"limits.parts = 0", "1: limits.parts: 0 is out of bounds"},
		{mailboxHead, "1: mailbox.url: missing; write where the mailbox is"},
		{mailboxHead + "url = ''", "4: mailbox.url: missing"},
		{mailboxHead + "url = 'pop3://a@b'", `4: mailbox.url: "pop3" is neither imaps nor imap`},
		{mailboxHead + "url = 'imaps://b'", `4: mailbox.url: "imaps://b" names no user`},
		{mailboxHead + "url = 'imaps://a:geheim@b'", "4: mailbox.url: holds a password; write that into a file of its own"},
		{mailboxHead + "url = 'imaps://a:ge heim@b'", `4: mailbox.url: "imaps://a:…@b" is no address of a mailbox`},
		{mailboxHead + "url = 'imaps://a@b:99999'", `4: mailbox.url: "99999" is no port`},
		{mailboxHead + "url = 'imaps://a@b/X'\nprocessed = 'x'", "5: mailbox.processed: is the watched folder itself"},
		{mailboxHead + "url = 'imaps://a@b'\npoll = 'often'", `5: mailbox.poll: "often" is no schedule; write "@every 1m" or`},
		{mailboxHead + "url = 'imaps://a@b'\nca_file = '/nowhere'", "5: mailbox.ca_file: /nowhere is not there"},
		{mailboxHead + "url = 'imaps://a@b'\npassword_file = '/nowhere'", "3: mailbox.password_env: stands beside password_file; write one of the two\ninviter.toml:5: mailbox.password_file: /nowhere is not there"},
		{"[[mailbox]]\nname = 'a'\nurl = 'imaps://a@b'", "1: mailbox.password_file: missing; write the file"},
		{"[[mailbox]]\nname = 'a'\nurl = 'imaps://a@b'\npassword_env = 'NO_SUCH'", "4: mailbox.password_env: the environment variable NO_SUCH is not set"},
		{"[[mailbox]]\nname = 'a'\nurl = 'imaps://a@b'\npassword_file = '/dev/zero'", "4: mailbox.password_file: /dev/zero is not a file"},
		{"[[mailbox]]\nname = 'a b'\nurl = 'imaps://a@b'\npassword_env = 'MAIL_PASSWORD'", `2: mailbox.name: "a b" can't be a name`},
		{"[[share]]\npath = '/srv'", "1: share.name: missing"},
		{"[[share]]\nname = 'a'", "1: share.path: missing; write the folder to watch"},
		{shareHead + shareHead, `5: share.name: "a" is the name of another share (line 2); write a name of its own`},
		{shareHead + "[[share]]\nname = 'A'\npath = '/b'", "5: share.name: "},
		{"[[mailbox]]\nname = 'a'\nurl = 'imaps://a@b'\n[mailbox.oauth2]\nscopes = []", "1: mailbox.password_file: missing"},
		{tokens + "client_id = 'a'\nclient_secret_env = 'MAIL_PASSWORD'\ntoken_url = 'http://login.example.org/token'", "7: mailbox.oauth2.token_url: would send secrets in the clear"},
		{tokens + "client_id = 'a'\nclient_secret_env = 'MAIL_PASSWORD'\ntoken_url = 'http://127.0.0.1.example.org/'", "7: mailbox.oauth2.token_url: would send"},
		{tokens + "token_url = 'https://login.example.org/token'\nclient_secret_env = 'MAIL_PASSWORD'", "4: mailbox.oauth2.client_id: missing"},
		{tokens + "token_url = 'https://login.example.org/token'\nclient_id = 'a'", "4: mailbox.oauth2.client_secret_file: missing"},
		{tokens + "client_id = 'a'", "1: mailbox.password_file: missing"},
		{mailboxHead + "url = 'imaps://a@b'\noauth2 = { token_url = 'http://[::1]:8/', client_id = 'a', client_secret_env = 'MAIL_PASSWORD' }", "5: mailbox.oauth2: stands beside a password"},
		{shareHead + "mode = 'move'", `4: share.mode: "move" is not known; write one of: take, read`},
		{shareHead + "user = 'nobody'", "4: share.user: "},
		{shareHead + "give_up = '1s'", "4: share.give_up: is shorter than settle"},
		{shareHead + "receipts = 1", "4: share.receipts: "},
		{"[x]\na = 1\n[x]\n", "3: is no TOML: "},
		{"data = ", "1: data: is no TOML: "},
		{"a = 'x'\na = 'y'", "2: a: is no TOML: "},
		{"\"a\\nb\" = 1", `1: a\nb: unknown key`},
	} {
		_, err := config.Parse("inviter.toml", c.text, env)
		if err == nil {
			t.Errorf("%q: accepted, want %q", c.text, c.want)
			continue
		}
		if got := err.Error(); !strings.HasPrefix(got, "inviter.toml:"+c.want) || strings.Contains(got, "heim") {
			t.Errorf("%q:\ngot  %s\nwant %s…", c.text, got, c.want)
		}
	}
}

func TestAllMistakesAtOnceInOrder(t *testing.T) {
	t.Parallel()
	_, err := config.Parse("x.toml", `dta = "x"
[web]
listen = 5 # a comment
name = """
two ""
lines"""
nmae = '''
a ' b
'''
[[mailbox]]
name = "a"
password_env = "MAIL_PASSWORD"
url = "imaps://a@b"
[[share]] # [[share]]
path = "/a"
"na\u006de" = "ok"
settle = "soon"
[[share]]
path = "/b"
name = "OK"
poll = [
  "a", # ]
  "b"]
tables = { a = { b = 1 }, "c d" = [ { x = 2 } ] }
mode = "take"
[smtp]
url = "smtp://relay"
`, env)
	want := []string{
		"x.toml:1: dta: ", "x.toml:3: web.listen: ", "x.toml:4: web.name: ", "x.toml:7: web.nmae: unknown key; did you mean name?",
		"x.toml:17: share.settle: ", "x.toml:20: share.name: ", "x.toml:21: share.poll: is a list; ", "x.toml:24: share.tables: unknown",
		"x.toml:26: smtp.from: missing",
	}
	got := strings.Split(err.Error(), "\n")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !strings.HasPrefix(got[i], want[i]) {
			t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestFilesThatAreNoUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty, huge := filepath.Join(dir, "empty"), filepath.Join(dir, "huge")
	if err := errors.Join(os.WriteFile(empty, []byte("\n"), 0o600), os.WriteFile(huge, make([]byte, 1<<17), 0o600)); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"[[mailbox]]\nname='a'\nurl='imaps://a@b'\npassword_file='" + empty + "'": "is empty; write the secret into it",
		"[[mailbox]]\nname='a'\nurl='imaps://a@b'\npassword_file='" + huge + "'":  "has more than 65536 bytes",
		mailboxHead + "url='imaps://a@b'\nca_file='" + empty + "'":                "holds no certificate",
		mailboxHead + "url='imaps://a@b'\npassword_file='" + huge + "'":           "stands beside password_file",
		"web.tls_cert = '" + huge + "'":                                           "write both or neither",
	} {
		if _, err := config.Parse("x", text, env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}
