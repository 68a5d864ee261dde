package mailbox

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// conversation lets a greeter talk to a server that greets, and answers each
// line by the table; "TAG" in an answer becomes the line's tag.
func conversation(t *testing.T, host, greeting string, answers map[string]string) (upgrade bool, head string, err error) {
	t.Helper()
	ours, theirs := net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer theirs.Close()
		theirs.Write([]byte(greeting))
		for lines := bufio.NewScanner(theirs); lines.Scan(); {
			tag, word, _ := strings.Cut(lines.Text(), " ")
			theirs.Write([]byte(strings.ReplaceAll(answers[word], "TAG", tag)))
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	g := greeter{at: Address{Host: host, Port: "143"}, conn: ours}
	upgrade, b, err := g.ask(ctx)
	ours.Close()
	<-ended
	return upgrade, string(b), err
}

func TestWhatIsSaidBeforeEncryption(t *testing.T) {
	t.Parallel()
	const ok = "* OK ready\r\n"
	capable := "* CAPABILITY IMAP4rev1 starttls\r\nTAG OK\r\n"
	for name, c := range map[string]struct {
		host, greeting string
		answers        map[string]string
		upgrade        bool
		word           string // of the error; "" for none
	}{
		"offered":                    {"mail.example.org", ok, map[string]string{"STARTTLS": "TAG OK go\r\n"}, true, ""},
		"not offered":                {"mail.example.org", ok, map[string]string{"STARTTLS": "TAG BAD what\r\n"}, true, "no encryption"},
		"something slipped in":       {"mail.example.org", ok, map[string]string{"STARTTLS": "TAG OK go\r\n* CAPABILITY LOGIN\r\n"}, true, "in the clear"},
		"logged in already":          {"mail.example.org", "* PREAUTH hello\r\n", nil, false, "without encryption"},
		"loopback, offered":          {"127.0.0.1", ok, map[string]string{"CAPABILITY": capable, "STARTTLS": "TAG OK go\r\n"}, true, ""},
		"loopback, not offered":      {"localhost", ok, map[string]string{"CAPABILITY": "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n"}, false, ""},
		"loopback, v6":               {"::1", ok, map[string]string{"CAPABILITY": "TAG OK\r\n"}, false, ""},
		"loopback, logged in":        {"127.0.0.1", "* PREAUTH hello\r\n", map[string]string{"CAPABILITY": "TAG OK\r\n"}, false, ""},
		"loopback, said at once":     {"127.0.0.1", "* OK [CAPABILITY IMAP4rev1 IDLE StartTLS] ready\r\n", map[string]string{"STARTTLS": "TAG OK go\r\n"}, true, ""},
		"loopback, said it is not":   {"127.0.0.1", "* OK [CAPABILITY IMAP4rev1 XSTARTTLS] STARTTLS is off\r\n", nil, false, ""},
		"endless talk":               {"127.0.0.1", ok, map[string]string{"CAPABILITY": strings.Repeat("* X\r\n", 200) + "TAG OK\r\n"}, false, "no end"},
		"no STARTTLS by that name":   {"127.0.0.1", ok, map[string]string{"CAPABILITY": "* CAPABILITY XSTARTTLS STARTTLSX\r\nTAG OK\r\n"}, false, ""},
		"offered, then thought over": {"127.0.0.1", ok, map[string]string{"CAPABILITY": capable, "STARTTLS": "TAG NO\r\n"}, true, "no encryption"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upgrade, head, err := conversation(t, c.host, c.greeting, c.answers)
			if c.word != "" {
				if err == nil || !strings.Contains(err.Error(), c.word) {
					t.Errorf("error %v, want one with %q", err, c.word)
				}
				return
			}
			if err != nil || upgrade != c.upgrade || !strings.HasPrefix(head, "* ") || !strings.HasSuffix(head, "\r\n") {
				t.Errorf("upgrade %v, head %q, %v", upgrade, head, err)
			}
		})
	}
}

func TestGreeterEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	defer theirs.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	g := greeter{at: Address{Host: "mail.example.org"}, conn: ours}
	_, _, err := g.ask(ctx)
	var trouble *Trouble
	if !errors.As(err, &trouble) || trouble.Kind != Silent {
		t.Errorf("%v, want silence", err)
	}
}
