package demo

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// writeConfig writes the configuration of this world, to be loaded, read and
// tried out: "inviter check --config" works on it while the demo runs.
func (d *Demo) writeConfig(dir string) error {
	web := d.o.Web
	if web == "" {
		web = "127.0.0.1:8080"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `# Written by "inviter demo" at every start; changes here are lost.
data = %s

[web]
listen     = %s
public_url = %s
name       = "Demo helpdesk"

[[mailbox]]
name          = "helpdesk"
url           = %s
password_file = %s
poll          = "@every 5s"

[smtp]
url  = %s
from = "Demo helpdesk <%s>"

[[share]]
name    = "support"
path    = %s
poll    = "@every 2s"
settle  = "1s"
give_up = "20s"
user    = "folder"   # everybody here has the same owner: you
`, text(filepath.Join(dir, "data")), text(web), text("http://"+web), text(d.Mailbox), text(d.Password), text("smtp://"+d.SMTP), Alias, text(d.Share))
	return replace(d.Config, []byte(b.String()))
}

// text is a TOML string; JSON's are a subset of them.
func text(s string) string {
	b, _ := json.Marshal(s) // a string can always be written
	return string(b)
}
