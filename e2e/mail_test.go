package e2e_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/invitation/sample"
)

// invite makes an invitation that has just begun; another seed, another one.
func invite(seed int64, user string) sample.Invitation {
	return sample.Invitation{
		User: user, Password: "G7KX4PTR2WQM", Start: time.Now().Add(-time.Minute), Minutes: 360,
		Endpoints: []string{"10.20.4.117:49731"}, Certificate: true, Seed: seed,
	}
}

// mailWith is a mail as a common client writes it, with the file attached.
func mailWith(from, subject string, file []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: %s\r\nTo: help@example.org\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@client.example.org>\r\n",
		from, subject, time.Now().Format(time.RFC1123Z), time.Now().UnixNano())
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n")
	b.WriteString("--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe printer does not print.\r\n")
	b.WriteString("--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n" +
		"Content-Disposition: attachment; filename=\"Invitation.msrcIncident\"\r\n\r\n")
	for text := base64.StdEncoding.EncodeToString(file); text != ""; {
		n := min(76, len(text))
		b.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
	b.WriteString("--b--\r\n")
	return b.Bytes()
}

// mailTo puts a mail into the mailbox with a real client, over IMAP.
func mailTo(t *testing.T, s *private.Mailserver, mail []byte) {
	t.Helper()
	curl := private.Program(t, "curl")
	file := filepath.Join(t.TempDir(), "mail.eml")
	if err := os.WriteFile(file, mail, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(curl, "-sS", "--url", "imap://"+s.Addr+"/INBOX", "--user", "help:secret", "-T", file).CombinedOutput()
	if err != nil {
		t.Fatalf("curl: %v\n%s", err, out)
	}
}

// folder counts the mails in one of the mailbox's folders, on the server's disk.
func folder(t *testing.T, s *private.Mailserver, name string) int {
	t.Helper()
	dir := filepath.Join(s.Dir, "mail", "help")
	if name != "INBOX" {
		dir = filepath.Join(dir, "."+strings.ReplaceAll(name, "/", "."))
	}
	n := 0
	for _, sub := range []string{"new", "cur"} {
		files, _ := os.ReadDir(filepath.Join(dir, sub))
		n += len(files)
	}
	return n
}
