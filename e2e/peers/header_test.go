package peers_test

import (
	"strings"
	"testing"

	"inviter/carrier"
)

// fields are headers that both readers understand. Who sent a mail decides
// whose ticket it becomes, so no two readers may see two senders.
func fields() map[string]string {
	return map[string]string{
		"plain":             "From: jane@example.org\nSubject: help\nDate: Wed, 15 Nov 2023 10:00:00 +0100\nMessage-ID: <1@example.org>",
		"named":             "From: Jane Doe <jane@example.org>",
		"quoted":            "From: \"Doe, Jane (IT)\" <jane@example.org>",
		"quoted address":    "From: \"admin@bank.example\" <jane@example.org>",
		"escaped":           "From: \"Jane \\\"JD\\\" Doe\" <jane@example.org>",
		"Q":                 "From: =?utf-8?Q?J=C3=B6rg_M=C3=BCller?= <joerg@example.org>\nSubject: =?utf-8?Q?Hilfe_f=C3=BCr_J=C3=B6rg?=",
		"B":                 "From: =?UTF-8?B?SsO2cmcgTcO8bGxlcg==?= <joerg@example.org>\nSubject: =?utf-8?b?SGlsZmUgZsO8ciBKw7ZyZw==?=",
		"latin":             "From: =?iso-8859-1?Q?J=F6rg?= <joerg@example.org>\nSubject: =?ISO-8859-15?Q?10_=A4?=",
		"windows":           "From: =?windows-1252?Q?J=F6rg_=96_IT?= <joerg@example.org>\nSubject: =?koi8-r?B?8NLJ18XU?=",
		"Japanese":          "From: =?iso-2022-jp?B?GyRCO3NFRBsoQg==?= <taro@example.org>\nSubject: =?shift_jis?B?g3SDQIOL?=",
		"adjacent words":    "Subject: =?utf-8?Q?Hil?= =?utf-8?Q?fe?=\n =?utf-8?Q?_bitte?=",
		"words and text":    "Subject: Fwd: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= from Jane",
		"folded":            "From:\n Jane Doe\n  <jane@example.org>\nSubject: help\n me,\n\tplease",
		"several":           "From: jane@example.org, joe@example.org",
		"several, named":    "From: \"Doe, Jane\" <jane@example.org>, Joe <joe@example.org>",
		"twice":             "From: jane@example.org\nFrom: mallory@example.com",
		"no blank":          "From:jane@example.org\nSubject:help",
		"upper case":        "FROM: Jane <JANE@EXAMPLE.ORG>\nSUBJECT: HELP",
		"comment":           "From: Jane Doe <jane@example.org> (at home)\nDate: Wed, 15 Nov 2023 10:00:00 +0100 (CET)",
		"comment inside":    "From: Jane (of IT) Doe <jane@example.org>",
		"quoted local part": "From: \"jane doe\"@example.org",
		"plus":              "From: jane+help=x@mail.example.org",
		"literal":           "From: jane@[192.0.2.1]",
		"group":             "From: Team: jane@example.org, joe@example.org;",
		"dots in name":      "From: J. R. Doe <jane@example.org>",
		"reply-to":          "From: jane@example.org\nReply-To: joe@example.org\nSender: desk@example.org",
		"date, no day":      "Date: 15 Nov 2023 10:00:00 -0500",
		"date, zone name":   "Date: Wed, 15 Nov 2023 10:00:00 GMT",
		"date, no seconds":  "Date: Wed, 15 Nov 2023 10:00 +0530",
		"date, blanks":      "Date:   Wed,  5 Nov 2025  10:00:00  +0100",
		"message id folded": "Message-ID:\n <abc.def@example.org>",
		"nothing":           "X-Nothing: 1",
		"raw 8 bit":         "Subject: Hilfe für Jörg",
		"two in one name":   "From: =?utf-8?Q?Doe=2C_Jane?= <jane@example.org>",
		"spoofed name":      "From: =?utf-8?Q?=22admin=40bank=2Eexample=22_=3Cadmin=40bank=2Eexample=3E?= <mallory@example.com>",
	}
}

// TestPythonReadsTheSameHeaders compares sender, name, subject, date and id.
func TestPythonReadsTheSameHeaders(t *testing.T) {
	t.Parallel()
	var names []string
	var mails [][]byte
	for name, lines := range fields() {
		for kind, end := range map[string]string{"": "\n", ", CRLF": "\r\n"} {
			names = append(names, name+kind)
			mails = append(mails, []byte(strings.ReplaceAll(lines+"\n\nHello.\n", "\n", end)))
		}
	}
	for n, theirs := range describe(t, mails) {
		t.Run(names[n], func(t *testing.T) {
			h := carrier.Mail(mails[n], carrier.DefaultLimits()).Header
			ours := described{From: h.From, FromName: h.FromName, Subject: h.Subject, MessageID: h.MessageID}
			if !h.Date.IsZero() {
				ours.Date = h.Date.Unix()
			}
			theirs.Leaves = nil
			theirs.From = strings.ReplaceAll(theirs.From, `"`, "") // we have the local part as it is meant
			theirs.FromName, theirs.Subject = oneLine(theirs.FromName), oneLine(theirs.Subject)
			if ours.From != theirs.From || ours.FromName != theirs.FromName || ours.Subject != theirs.Subject ||
				ours.MessageID != theirs.MessageID || ours.Date != theirs.Date {
				t.Errorf("we read     %+v\nPython read %+v\nof %s", ours, theirs, mails[n])
			}
		})
	}
}

// oneLine has single blanks, as what we show has.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
