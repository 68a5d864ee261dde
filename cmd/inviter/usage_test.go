package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	bad := filepath.Join(o.dir, "bad.toml")
	write(t, bad, "dta = 1\n[web]\nlisten = 5\n")
	for _, c := range []struct {
		args string
		code int
		want string // on standard error; of help and version on standard output
	}{
		{"", 2, "inviter: expected one of"},
		{"frobnicate", 2, "inviter: unexpected argument frobnicate; see inviter --help"},
		{"serve --frobnicate", 2, "inviter: unknown flag --frobnicate"},
		{"serve --log-format xml", 2, "--log-format must be one of"},
		{"technician add", 2, `inviter: expected "<name>"`},
		{"technician add x --role boss", 2, "--role must be one of"},
		{"technician add x --password-file /nowhere --config " + o.config, 2, "inviter: --password-file: /nowhere is not there"},
		{"check --config /nowhere.toml", 2, "/nowhere.toml: is not there; make it, or name the right file\n"},
		{"check --config " + bad, 2, bad + ":1: dta: unknown key; did you mean data?\n" + bad + ":3: web.listen: is a number"},
		{"serve --config " + bad, 2, bad + ":1: dta"},
		{"--help", 0, "Usage: inviter <command>"},
		{"technician --help", 0, "Usage: inviter technician <command>"},
		{"technician add --help", 0, "Usage: inviter technician add <name>"},
		{"version", 0, "inviter 0."},
		{"version --json", 0, `{"name":"inviter","version":"0.`},
		{"technician disable nobody --config " + o.config, 1, "inviter: nobody: no account has this name; see inviter technician list\n"},
		{"--config " + o.config + " technician token nobody", 1, "inviter: nobody: no account"},
		{"technician link nobody --config=" + o.config, 1, "inviter: nobody: no account"},
	} {
		r := inviter.Do(t, strings.Fields(c.args)...)
		said := r.Err
		if c.code == 0 {
			said = r.Out
		}
		if r.Code != c.code || !strings.Contains(said, c.want) {
			t.Errorf("inviter %s: exit %d, want %d\n%s%swant %s", c.args, r.Code, c.code, r.Out, r.Err, c.want)
		}
		if c.code != 0 && r.Out != "" {
			t.Errorf("inviter %s: says %q on standard output", c.args, r.Out)
		}
	}
}

func TestDefaultsWithoutConfiguration(t *testing.T) {
	t.Chdir(t.TempDir())
	if out := inviter.Must(t, "technician", "list"); !strings.HasPrefix(out, "NAME") {
		t.Errorf("says %q", out)
	}
	write(t, "inviter.toml", "data = 5")
	if r := inviter.Do(t, "technician", "list"); r.Code != 2 || !strings.HasPrefix(r.Err, "inviter.toml:1: data: ") {
		t.Errorf("with a bad inviter.toml here: %+v", r)
	}
}
