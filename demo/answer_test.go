package demo_test

import (
	"fmt"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnswersAreKept: the users' mail lies in a folder, whole, under names that
// lead nowhere else, and no more of it than is looked at.
func TestAnswersAreKept(t *testing.T) {
	t.Parallel()
	dir, p := t.TempDir(), newPauses()
	go func() { <-p.asked }()
	d := start(t, dir, noon, p)
	defer closed(t, d)
	send := func(to, text string) {
		t.Helper()
		if err := smtp.SendMail(d.SMTP, nil, "", []string{to}, []byte("Subject: x\r\n\r\n"+text+"\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	send("Jane.Doe@example.org", "hello")
	send("../../etc/passwd@example.org", "evil")
	names := files(t, d.Answers)
	if len(names) != 2 || !strings.Contains(strings.Join(names, " "), "jane.doe_example.org") {
		t.Fatalf("%v", names)
	}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(d.Answers, name))
		if err != nil || !strings.HasSuffix(string(b), "hello\r\n") && !strings.HasSuffix(string(b), "evil\r\n") {
			t.Errorf("%s: %q %v", name, b, err)
		}
	}
	if err := smtp.SendMail(d.SMTP, nil, "", []string{"a@example.org", "help@example.org"}, []byte("x")); err == nil {
		t.Error("two recipients in one mail")
	}
	for n := range 205 {
		send(fmt.Sprintf("u%d@example.org", n), "more")
	}
	if names := files(t, d.Answers); len(names) != 200 {
		t.Errorf("%d are kept", len(names))
	}
}
