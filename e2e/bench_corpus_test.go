package e2e_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
)

// backlog is a Maildir of mixed mails: 70 % small invitations, 10 % zipped ones,
// 10 % without any, 5 % forwarded, 5 % with a screenshot of 2 MB beside the
// invitation.
func backlog(b *testing.B, mails int) (dir string) {
	b.Helper()
	dir = b.TempDir()
	for i := range mails {
		name := filepath.Join(dir, fmt.Sprintf("%d.M%dP1.bench", time.Now().Unix(), i))
		if err := os.WriteFile(name, mixed(b, i), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// mixed is the i-th of them.
func mixed(b *testing.B, i int) []byte {
	b.Helper()
	from, file := fmt.Sprintf("user%d@example.org", i), invite(int64(i), "user").RA2()
	switch i % 20 {
	case 0, 10:
		return fmt.Appendf(nil, "From: %s\r\nSubject: hello\r\n\r\nNothing attached.\r\n", from)
	case 3, 13:
		return bytes.Replace(mailWith(from, "help", zipped(b, file)), []byte("Invitation.msrcIncident"), []byte("invite.zip"), 1)
	case 7:
		return forwarded(mailWith(from, "help", file))
	case 11:
		return withScreenshot(mailWith(from, "help", file), 2<<20)
	}
	return mailWith(from, "help", file)
}

func zipped(b *testing.B, file []byte) []byte {
	b.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create("Invitation.msrcIncident")
	if err == nil {
		_, err = w.Write(file)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

func forwarded(mail []byte) []byte {
	return append([]byte("From: colleague@example.org\r\nTo: help@example.org\r\nSubject: Fwd: help\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\nContent-Type: text/plain\r\n\r\nplease see\r\n--f\r\n"+
		"Content-Type: message/rfc822\r\n\r\n"), append(mail, "\r\n--f--\r\n"...)...)
}

func withScreenshot(mail []byte, size int) []byte {
	line := strings.Repeat("QUJD", 19) + "\r\n"
	part := "--b\r\nContent-Type: image/png; name=screen.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		strings.Repeat(line, size/len(line)+1)
	return bytes.Replace(mail, []byte("--b--\r\n"), []byte(part+"--b--\r\n"), 1)
}

// account gives one account of the server its own copy of the mails. They are
// the server's own, as delivered mail is: what belongs to somebody else, a
// system that protects hard links has it copy when it moves it, byte for byte.
func account(b *testing.B, s *private.Mailserver, user, mails string) {
	b.Helper()
	root := filepath.Join(s.Dir, "mail")
	var owner []string
	for _, sub := range []string{"", "cur", "new", "tmp"} {
		owner = append(owner, filepath.Join(root, user, sub))
		if err := os.MkdirAll(filepath.Join(root, user, sub), 0o755); err != nil {
			b.Fatal(err)
		}
	}
	files, err := os.ReadDir(mails)
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		if err := os.Link(filepath.Join(mails, f.Name()), filepath.Join(root, user, "new", f.Name())); err != nil {
			b.Fatal(err)
		}
	}
	timed(b, exec.Command("chown", append([]string{"-R", "--reference=" + root, mails}, owner...)...))
}
