package templates_test

import (
	"time"

	"inviter/templates"
)

// asks is the page to hand in, with each verdict.
func asks(foreign string) []templates.Page {
	list := []templates.Page{
		templates.AskPage{Desk: "Helpdesk"},
		templates.AskPage{Desk: foreign, Phone: "4400", Code: true, Mails: true, User: foreign, Call: foreign, Mail: foreign, Note: foreign, Verdict: &templates.Verdict{Code: "none"}},
		templates.AskPage{Desk: foreign, Verdict: &templates.Verdict{Code: "code", Again: true}},
		templates.AskPage{Desk: foreign, Easy: true, Code: true, User: foreign, Call: foreign, Note: foreign, Verdict: &templates.Verdict{Code: "who"}},
		templates.AskPage{Desk: foreign, SignIn: true, Verdict: &templates.Verdict{Code: "sign-in"}},
		templates.AskPage{Desk: foreign, SignIn: true, Code: true},
		templates.AskPage{Desk: foreign, Guest: foreign, User: foreign, Mail: foreign, Mails: true},
		templates.Verdict{Now: now, Expires: in(time.Hour), Password: true},
		templates.Verdict{Now: now, Expires: in(time.Hour)},
		templates.Verdict{Now: now, Expires: in(time.Hour), Product: foreign},
		templates.Verdict{Now: now, Expires: ago(time.Hour)},
	}
	for _, code := range []string{
		"known", "too-many", "bad-request", "not-an-invitation", "damaged", "forbidden-xml", "contradictory", "no-ticket", "bad-address", "bad-time",
		"no-lifetime", "too-large", "encrypted-archive", "too-deep", "too-many-parts",
	} {
		list = append(list, templates.Verdict{Now: now, Code: code})
	}
	return list
}
