package templates_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"inviter/invitation"
	"inviter/templates"
	"inviter/ticket"
)

// mails is every mail in every shape, with foreign wherever a user's or a
// technician's words can stand.
func mails(foreign string) []templates.Mail {
	head := templates.Letterhead{Desk: "Help & Co", Phone: "4400", Number: 437, Name: foreign, Link: "https://help.example.org/t/abc", At: now}
	bare := templates.Letterhead{Desk: "Helpdesk", At: now, Name: foreign}
	list := []templates.Mail{
		templates.QueuedMail{Letterhead: head, Place: 3, Came: ago(time.Minute), Expires: in(5 * time.Hour), Replaces: 431},
		templates.QueuedMail{Letterhead: head, Place: 1, Came: ago(time.Minute), Expires: in(30 * time.Hour)},
		templates.QueuedMail{Letterhead: head, Came: now, Expires: in(time.Hour), Checked: true},
		templates.QueuedMail{Letterhead: bare, Came: now, Expires: in(time.Hour)},
		templates.QueuedMail{Letterhead: bare, Came: now, Expires: in(2 * time.Hour), Code: true},
		templates.ClaimedMail{Letterhead: bare, Holder: "Grace", Words: "tango panda", Came: ago(time.Hour), Expires: in(47 * time.Minute), Code: true},
		templates.RefusedMail{Letterhead: head},
		templates.ExpiredMail{Letterhead: head, Expires: now},
		templates.ExpiredMail{Letterhead: bare, Expires: ago(48 * time.Hour), Dead: true},
		templates.SupersededMail{Letterhead: head, By: 440},
		templates.ClaimedMail{Letterhead: head, Holder: foreign, Words: "tango panda", Came: ago(time.Hour), Expires: in(46 * time.Minute)},
		templates.ClaimedMail{Letterhead: bare, Holder: "Grace", Words: "tango panda", Came: ago(time.Hour), Expires: in(46 * time.Minute)},
	}
	for _, end := range ticket.Ends() {
		list = append(list, templates.ClosedMail{Letterhead: head, Holder: foreign, Outcome: string(end)})
	}
	for _, code := range codes() {
		list = append(list, templates.RefusedMail{Letterhead: bare, Code: string(code)})
	}
	return list
}

func codes() []invitation.Code {
	return []invitation.Code{
		invitation.NotAnInvitation, invitation.Damaged, invitation.ForbiddenXML, invitation.Contradictory, invitation.NoTicket, invitation.BadAddress,
		invitation.BadTime, invitation.NoLifetime, invitation.TooLarge, invitation.EncryptedArchive, invitation.TooDeep, invitation.TooMany,
	}
}

func eachMail(t *testing.T, foreign string, do func(l *templates.Language, m templates.Mail, w templates.Written)) {
	t.Helper()
	set, err := templates.New(time.UTC, "en")
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range templates.Languages() {
		l := set.Match(tag, "")
		for _, m := range mails(foreign) {
			w, err := l.Write(m)
			if err != nil {
				t.Fatal(err)
			}
			do(l, m, w)
		}
	}
}

func TestMailsSayTheSameInBothForms(t *testing.T) {
	t.Parallel()
	unfilled := regexp.MustCompile(`\{\w+\}|mail\.\w|why\.\w|<no value>`)
	tags := regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)
	eachMail(t, "Jane Doe", func(l *templates.Language, m templates.Mail, w templates.Written) {
		if bad := unfilled.FindString(w.Subject + w.Text + tags.ReplaceAllString(w.HTML, "")); bad != "" || w.Subject == "" {
			t.Errorf("%s %T: %q is left in it:\n%s", l.Tag(), m, bad, w.Text)
		}
		body, _, _ := strings.Cut(w.Text, "\n-- \n")
		for _, part := range strings.Split(body, "\n\n") {
			part = strings.Join(strings.Fields(part), " ")
			html := strings.Join(strings.Fields(tags.ReplaceAllString(w.HTML, "")), " ")
			html = strings.NewReplacer("&amp;", "&", "&#39;", "'").Replace(html)
			for _, words := range strings.Split(part, " · ") {
				if words = strings.TrimSuffix(words, ": https://help.example.org/t/abc"); !strings.Contains(html, words) {
					t.Errorf("%s %T: the HTML lacks %q\n%s", l.Tag(), m, words, html)
				}
			}
		}
		for _, row := range strings.Split(w.Text, "\n") {
			if utf8.RuneCountInString(row) > 78 && !strings.Contains(row, " · ") {
				t.Errorf("%s %T: a line of %d characters: %q", l.Tag(), m, utf8.RuneCountInString(row), row)
			}
		}
		if strings.Contains(w.Text, "*") {
			t.Errorf("%s %T: a * is left:\n%s", l.Tag(), m, w.Text)
		}
	})
}

// TestMailsRepeatNoOrders: a mail in somebody's name must not make us send on
// what it says.
func TestMailsRepeatNoOrders(t *testing.T) {
	t.Parallel()
	for _, foreign := range []string{
		"see http://evil.example/x", "www.evil.example", "a@evil.example", strings.Repeat("x", 61), "</h1><script>alert(1)</script>", "a\r\nBcc: b@example.org", "\u202egnp.exe",
	} {
		eachMail(t, foreign, func(l *templates.Language, m templates.Mail, w templates.Written) {
			if strings.ContainsAny(w.Subject, "\r\n") || strings.Contains(w.HTML, "<script") || strings.Contains(w.HTML+w.Text+w.Subject, "\u202e") || strings.Contains(w.Text, "\nBcc") {
				t.Errorf("%s %T with %q:\n%s\n%s", l.Tag(), m, foreign, w.Subject, w.Text)
			}
			if _, technicians := m.(templates.ClaimedMail); technicians {
				return
			}
			if _, technicians := m.(templates.ClosedMail); technicians {
				return
			}
			if strings.Contains(w.Text, "evil") || strings.Contains(w.Text, "xxxxx") {
				t.Errorf("%s %T repeats %q", l.Tag(), m, foreign)
			}
		})
	}
}

func TestToldHarmsNoRoom(t *testing.T) {
	t.Parallel()
	set, err := templates.New(time.UTC, "en")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range ticket.HookKinds() {
		for _, tag := range templates.Languages() {
			said := set.Match(tag, "").Tell(templates.Told{
				Kind: string(kind), Number: 42, User: "<!channel> @here [x](https://evil.example) jane@example.org\nnext", Holder: "@all", Source: "mailbox:help",
				Error: "no\nlog-in", URL: "https://help.example.org/tickets/42", Expires: in(time.Hour), At: now,
			})
			if strings.ContainsAny(said, "<>[]\n{") || strings.Contains(said, " @") || strings.HasPrefix(said, "@") || strings.Contains(said, "https://evil") || strings.Contains(said, "told.") {
				t.Errorf("%s %s: %s", tag, kind, said)
			}
			if !strings.HasSuffix(said, " https://help.example.org/tickets/42") {
				t.Errorf("%s %s: %s", tag, kind, said)
			}
		}
	}
}
