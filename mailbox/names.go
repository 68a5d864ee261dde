package mailbox

import (
	"context"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// names is how a server writes folder names: what every own folder begins
// with (RFC 2342), and what stands between the levels.
type names struct {
	prefix    string
	separator string
}

// askNames asks by NAMESPACE, or where that is unknown by an empty LIST, which
// tells the separator only (RFC 9051 section 6.3.9). A plain no is no harm.
func (l *link) askNames(ctx context.Context) (names, error) {
	n := names{separator: "/"}
	err := l.do(ctx, l.brief(), func() error {
		if l.caps.Has(imap.CapNamespace) {
			var err error
			n, err = namesIn(l.client.Namespace())
			return err
		}
		list, err := l.client.List("", "", nil).Collect()
		if len(list) > 0 {
			n.separator = separator(list[0].Delim)
		}
		return err
	})
	if l.dead {
		return n, err
	}
	return n, nil
}

func namesIn(answer *imapclient.NamespaceCommand) (names, error) {
	data, err := answer.Wait()
	if err != nil || len(data.Personal) == 0 {
		return names{separator: "/"}, err
	}
	return names{data.Personal[0].Prefix, separator(data.Personal[0].Delim)}, nil
}

// separator may be missing where folders have no levels at all.
func separator(delim rune) string {
	if delim == 0 {
		return ""
	}
	return string(delim)
}

// write turns "Inviter/Processed" into the server's own "INBOX.Inviter.Processed".
func (n names) write(folder string) string {
	levels := strings.Split(folder, "/")
	if strings.EqualFold(levels[0], inbox) {
		levels[0] = inbox
		if len(levels) == 1 {
			return inbox
		}
	}
	between := n.separator
	if between == "" {
		between = "-"
	}
	name := strings.Join(levels, between)
	if levels[0] == inbox || strings.HasPrefix(name, n.prefix) {
		return name
	}
	return n.prefix + name
}
