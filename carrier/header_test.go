package carrier_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"inviter/carrier"
)

func header(lines string) carrier.Header {
	return carrier.Mail([]byte(lines+"\n\nhello"), limits).Header
}

func TestSender(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][2]string{
		"From: jane@example.org":                         {"jane@example.org", ""},
		"From: Jane Doe <jane@example.org>":              {"jane@example.org", "Jane Doe"},
		"from:\n \"Doe, Jane\"\n\t<jane@example.org>":    {"jane@example.org", "Doe, Jane"},
		"From: =?iso-8859-1?Q?J=F6rg?= <j@example.org>":  {"j@example.org", "Jörg"},
		"From: =?utf-8?B?4oCuZXZpbA==?= <j@example.org>": {"j@example.org", "evil"},
		"From: Doe, Jane <jane@example.org>":             {"jane@example.org", "Doe, Jane"},
		"From: Jane [IT] <jane@example.org>":             {"jane@example.org", "Jane [IT]"},
		"From: J\xf6rg <j@example.org>":                  {"j@example.org", "Jörg"},
		"From: jane@example.org (Jane Doe)":              {"jane@example.org", "Jane Doe"},
		"From: jane@example.org, joe@example.org":        {"jane@example.org", ""},
		"From: <jane@example.org> trailing":              {"jane@example.org", ""},
		"From: mailto:jane@example.org;":                 {"jane@example.org", ""},
		"From: nobody":                                   {"", ""},
		"From: nobody\nSender: real@example.org":         {"real@example.org", ""},
		"From: jane@example.org\nFrom: eve@example.org":  {"jane@example.org", ""},
		"From: a@" + strings.Repeat("b", 999):            {("a@" + strings.Repeat("b", 999))[:256], ""},
	} {
		if h := header(line); h.From != want[0] || h.FromName != want[1] {
			t.Errorf("%s\ngave %q %q", line, h.From, h.FromName)
		}
	}
}

func TestHeaderFields(t *testing.T) {
	t.Parallel()
	got := header(`Return-Path: <jane@example.org>
Received: from b by c with LMTP; Mon, 6 May 2024 09:09:00 +0200
Authentication-Results: c; dkim=pass
 header.d=example.org
Received: from a by b (no date)
Received: from pc by a; Mon, 6 May 2024 07:08:50 +0000 (UTC)
Authentication-Results: evil; dkim=pass
From: Jane <jane@example.org>
Reply-To: Desk <desk@example.org>
Message-ID: <1@example.org>
Subject: =?utf-8?Q?a?= =?utf-8?Q?b?=
	c
Date: Mon, 6 May 2024 06:08:50 +0000
X-Inviter-Instance: abc`)
	want := carrier.Header{
		From: "jane@example.org", FromName: "Jane", ReplyTo: "desk@example.org", Subject: "ab c", MessageID: "1@example.org",
		Date: start.Add(-time.Hour + 41*time.Second), Received: start.Add(51 * time.Second), First: start.Add(41 * time.Second), Instance: "abc",
		OneFrom: true,
		Trace: []carrier.Trace{
			{Value: "from b by c with LMTP; Mon, 6 May 2024 09:09:00 +0200"},
			{Results: true, Value: "c; dkim=pass header.d=example.org"},
			{Value: "from a by b (no date)"},
			{Value: "from pc by a; Mon, 6 May 2024 07:08:50 +0000 (UTC)"},
			{Results: true, Value: "evil; dkim=pass"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got.Skew() != time.Hour {
		t.Errorf("skew %v", got.Skew())
	}
	if (carrier.Header{First: start}).Skew() != 0 || (carrier.Header{Date: start}).Skew() != 0 {
		t.Error("skew from one time alone")
	}
}

func TestOneFrom(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"From: Jane <jane@example.org>":                          true,
		"From: jane@example.org, eve@example.org":                false,
		"From: jane@example.org\nFrom: eve@example.org":          false,
		"From: eve@example.org\nfrom : jane@example.org":         false,
		"From: <jane@example.org> <eve@example.org>":             false,
		"Sender: jane@example.org":                               false,
		"From: nobody":                                           false,
		"From: Jane <jane@example.org>\nSender: eve@example.org": true,
	} {
		if got := header(text).OneFrom; got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if h := header(strings.Repeat("Received: by a\n", 99) + "From: a@b"); len(h.Trace) != 30 {
		t.Errorf("%d fields", len(h.Trace))
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for _, v := range []string{
		"Mon, 6 May 2024 07:08:09 +0000", "6 May 2024 07:08:09 +0000", "Mon, 06 May 2024 09:08:09 +0200 (CEST)",
		"Mon, 6 May 2024 07:08:09 GMT", "Mon,  6 May 2024 07:08:09", "2024-05-06T07:08:09Z", "Mon May  6 07:08:09 2024",
	} {
		if got := header("From: a@b\nDate: " + v).Date; !got.Equal(start) {
			t.Errorf("%s is %v", v, got)
		}
	}
	if got := header("From: a@b\nDate: yesterday").Date; !got.IsZero() {
		t.Errorf("%v", got)
	}
}

func TestAutomatic(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"X: y":                                       false,
		"Auto-Submitted: no":                         false,
		"Auto-Submitted: auto-replied":               true,
		"auto-submitted: Auto-Generated; x=y":        true,
		"Precedence: bulk":                           true,
		"Precedence: List":                           true,
		"Precedence: first-class":                    false,
		"List-Id: <x.example.org>":                   true,
		"Return-Path: <>":                            true,
		"Return-Path: <jane@example.org>":            false,
		"X-Auto-Response-Suppress: All":              true,
		"Content-Type: multipart/report; boundary=b": true,
		"From: MAILER-DAEMON@example.org":            true,
		"From: No-Reply@example.org":                 true,
	} {
		if got := header(line + "\nFrom: jane@example.org").Automatic; got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}
