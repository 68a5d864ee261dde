package private_test

import (
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
)

// TestPostfix: what is mailed stands in the account's mailbox, and what is
// refused is refused.
func TestPostfix(t *testing.T) {
	t.Parallel()
	box := private.Dovecot(t, private.DovecotOptions{Users: []string{"jane"}})
	relay := private.Postfix(t, box)
	send := func(to string) error {
		return smtp.SendMail(relay.Addr, nil, "joe@example.org", []string{to}, []byte("Subject: x\r\n\r\nhello\r\n"))
	}
	if err := send("jane@example.org"); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(private.Patience)
	for n := 0; n == 0; {
		files, _ := os.ReadDir(filepath.Join(box.Dir, "mail", "jane", "new"))
		if n = len(files); n == 0 && time.Now().After(deadline) {
			t.Fatalf("never delivered:\n%s", relay.Log())
		}
	}
	if err := send("jane@elsewhere.example"); err == nil {
		t.Error("relays for others")
	}
	relay.Refuse(t, "jane@example.org 451 4.7.1 greylisted")
	if err := send("jane@example.org"); err == nil || !strings.Contains(err.Error(), "greylisted") {
		t.Errorf("%v", err)
	}
	relay.Refuse(t)
	if err := send("jane@example.org"); err != nil {
		t.Error(err)
	}
}
