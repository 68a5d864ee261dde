package mailbox_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"inviter/carrier"
	"inviter/e2e/private"
	"inviter/invitation"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// hostile are mails as only few senders write them. Each that can hold one
// holds the invitation of its number.
func hostile() map[string]func(n int) []byte {
	plain := func(head, body string) []byte {
		return []byte("From: jane@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n" + head + "\r\n" + body)
	}
	coded := func(n int) string { return base64.StdEncoding.EncodeToString(invite(n)) }
	part := func(n int) string { return attachment("", invite(n)) }
	multi := "Content-Type: multipart/mixed; boundary=cut\r\n"
	return map[string]func(n int) []byte{
		"alone": func(n int) []byte {
			return plain("Content-Type: application/x-thing\r\nContent-Transfer-Encoding: base64\r\n", coded(n)+"\r\n")
		},
		"as text": func(n int) []byte { return plain("Content-Type: text/plain\r\n", string(invite(n))) },
		"inline without a name": func(n int) []byte {
			return plain(multi, "--cut\r\nContent-Disposition: inline\r\nContent-Type: text/xml; charset=utf-16\r\n"+
				"Content-Transfer-Encoding: base64\r\n\r\n"+coded(n)+"\r\n--cut--\r\n")
		},
		"doubled semicolon": func(n int) []byte {
			return plain("Content-Type: multipart/mixed;; boundary=cut\r\n", part(n)+"--cut--\r\n")
		},
		"no boundary named": func(n int) []byte { return plain("Content-Type: multipart/mixed\r\n", part(n)+"--cut--\r\n") },
		"no last boundary":  func(n int) []byte { return plain(multi, part(n)) },
		"in an alternative in a mixed": func(n int) []byte {
			return plain(multi, "--cut\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\n\r\nhello\r\n"+
				strings.ReplaceAll(part(n), "--cut", "--in")+"--in--\r\n--cut--\r\n")
		},
		"forwarded": func(n int) []byte {
			inner := letter{from: "Ann <ann@example.org>", subject: "help", file: invite(n)}.bytes()
			return plain(strings.ReplaceAll(multi, "cut", "out"), "--out\r\nContent-Type: message/rfc822\r\n\r\n"+string(inner)+"\r\n--out--\r\n")
		},
		"forwarded, whole mail is the forward": func(n int) []byte {
			inner := letter{from: "Ann <ann@example.org>", subject: "help", file: invite(n)}.bytes()
			return plain("Content-Type: message/rfc822\r\n", string(inner))
		},
		"forwarded with a screenshot": func(n int) []byte {
			inner := letter{from: "Ann <ann@example.org>", subject: "help", file: invite(n),
				more: attachment("screen.png", make([]byte, 300<<10))}.bytes()
			return plain(strings.ReplaceAll(multi, "cut", "out"), "--out\r\nContent-Type: message/rfc822\r\n\r\n"+string(inner)+"\r\n--out--\r\n")
		},
		"forwarded in base64": func(n int) []byte {
			inner := letter{from: "Ann <ann@example.org>", subject: "help", file: invite(n)}.bytes()
			return plain(strings.ReplaceAll(multi, "cut", "out"), "--out\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
				base64.StdEncoding.EncodeToString(inner)+"\r\n--out--\r\n")
		},
		"behind a screenshot": func(n int) []byte {
			return plain(multi, attachment("screen.png", make([]byte, 2<<20))+part(n)+"--cut--\r\n")
		},
		"behind a long trace": func(n int) []byte {
			trace := strings.Repeat("Received: from somewhere by elsewhere with a long story; Sat, 21 Nov 2026 09:00:00 +0000\r\n", 700)
			return append([]byte(trace), plain(multi, part(n)+"--cut--\r\n")...)
		},
		"before a long preamble": func(n int) []byte {
			return plain(multi, strings.Repeat("This is a mail in parts.\r\n", 3000)+part(n)+"--cut--\r\n")
		},
		"nested fifteen deep": func(n int) []byte { return plain(nested(15, part(n)), "") },
		"nested forty deep":   func(n int) []byte { return plain(nested(40, part(n)), "") },
		"among five hundred parts": func(n int) []byte {
			return plain(multi, strings.Repeat("--cut\r\n\r\nx\r\n", 480)+part(n)+"--cut--\r\n")
		},
		"before a thousand parts": func(n int) []byte {
			return plain(multi, part(n)+strings.Repeat("--cut\r\n\r\nx\r\n", 1000)+"--cut--\r\n")
		},
		"unknown transfer encoding": func(n int) []byte {
			return plain(multi, "--cut\r\nContent-Transfer-Encoding: x-magic\r\n\r\nhello\r\n"+part(n)+"--cut--\r\n")
		},
		"header line without a colon": func(n int) []byte {
			return append([]byte("This is no header line\r\n"), plain(multi, part(n)+"--cut--\r\n")...)
		},
		"too large but named so": func(int) []byte {
			return plain(multi, attachment("big.msrcIncident", make([]byte, 400<<10))+"--cut--\r\n")
		},
		"a bounce": func(n int) []byte {
			return plain("Content-Type: multipart/report; boundary=cut\r\n", "--cut\r\n\r\nnot delivered\r\n--cut\r\n"+
				"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"+part(n)+"--cut--\r\n")
		},
		"torn":                   func(n int) []byte { return plain(multi, attachment("", invite(n)[:700])+"--cut--\r\n") },
		"torn, as text":          func(n int) []byte { return plain("Content-Type: text/plain\r\n", string(invite(n)[:700])+"\r\n") },
		"torn, no last boundary": func(n int) []byte { return plain(multi, attachment("", invite(n)[:700])) },
		"torn, no boundary named": func(n int) []byte {
			return plain("Content-Type: multipart/mixed\r\n", attachment("", invite(n)[:700])+"--cut--\r\n")
		},
		"torn, forwarded with a picture": func(n int) []byte {
			inner := letter{from: "Ann <ann@example.org>", subject: "help", file: invite(n)[:700],
				more: attachment("screen.png", make([]byte, 300<<10))}.bytes()
			return plain(strings.ReplaceAll(multi, "cut", "out"), "--out\r\nContent-Type: message/rfc822\r\n\r\n"+string(inner)+"\r\n--out--\r\n")
		},
		"nothing":      func(int) []byte { return []byte("\r\n") },
		"an empty one": func(int) []byte { return plain(multi, "") },
	}
}

// nested are headers and body of multiparts within multiparts.
func nested(depth int, part string) string {
	var open, shut strings.Builder
	for i := range depth {
		fmt.Fprintf(&open, "Content-Type: multipart/mixed; boundary=in%d\r\n\r\n--in%d\r\n", i, i)
	}
	open.WriteString(strings.ReplaceAll(strings.TrimPrefix(part, "--cut\r\n"), "--cut", ""))
	for i := depth - 1; i >= 0; i-- {
		fmt.Fprintf(&shut, "--in%d--\r\n", i)
	}
	return open.String() + shut.String()
}

// Whatever a mail looks like, fetching parts of it finds the same as reading
// it whole, on servers whose ideas of its structure differ.
func TestPartsTellTheSameAsTheWhole(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	m := newMemory(t, full)
	imprints := map[string]ticket.Imprint{}
	for name, addr := range map[string]string{"Dovecot": s.Addr, "memory": m.addr} {
		t.Run(name, func(t *testing.T) {
			p := newPerson(t, addr)
			mails := hostile()
			var names []string
			for n := range mails {
				names = append(names, n)
			}
			slices.Sort(names)
			for i, n := range names {
				p.send("INBOX", mails[n](i))
			}
			r := sourcetest.NewRecorder(nil)
			b := open(t, options(t, addr), r)
			for range 4 { // one of these servers hangs up at some
				if _, err := b.Scan(t.Context(), r.Submit); err == nil {
					break
				}
			}
			scan(t, b, r)
			byItem := map[string]ticket.Delivery{}
			for _, d := range r.Deliveries() {
				byItem[d.Item[strings.LastIndexByte(d.Item, ';')+1:]] = d
			}
			if len(byItem) != len(names) {
				t.Errorf("%d delivered of %d", len(byItem), len(names))
			}
			for i, n := range names {
				d := byItem[fmt.Sprint(i+1)]
				sameAsWhole(t, n, d, carrier.Mail(mails[n](i), carrier.DefaultLimits()))
				if was, ok := imprints[n]; ok && d.Imprint != was {
					t.Errorf("%s: not known again on another server", n)
				}
				if d.Refusal != nil && len(d.Invitations) == 0 && strings.HasPrefix(n, "torn") == (d.Imprint == ticket.Imprint{}) {
					t.Errorf("%s: imprint %x of %v", n, d.Imprint, d.Refusal)
				}
				imprints[n] = d.Imprint
			}
		})
	}
}

func sameAsWhole(t *testing.T, name string, d ticket.Delivery, whole carrier.Content) {
	t.Helper()
	var got, want []invitation.Key
	for _, inv := range d.Invitations {
		got = append(got, inv.Key)
	}
	for _, f := range whole.Found {
		want = append(want, f.Key)
	}
	if name == "header line without a colon" {
		return // servers pass over more than carrier does
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: %d invitations, the whole mail has %d", name, len(got), len(want))
	}
	var refused invitation.Code
	if len(whole.Refused) > 0 {
		refused = whole.Refused[0].Refusal.Code
	}
	if (d.Refusal != nil) != (refused != "") || d.Refusal != nil && d.Refusal.Code != refused {
		t.Errorf("%s: refusal %v, the whole mail's is %q", name, d.Refusal, refused)
	}
	from := whole.Header.From
	if whole.Inner.From != "" {
		from = whole.Inner.From
	}
	if d.From.Address != from {
		t.Errorf("%s: from %q, the whole mail is from %q", name, d.From.Address, from)
	}
	if forwarded := slices.Contains(d.Flags, ticket.Forwarded); forwarded != (whole.Inner.From != "") {
		t.Errorf("%s: forwarded %v, inner sender %q", name, forwarded, whole.Inner.From)
	}
	if strings.Contains(name, "screenshot") || strings.Contains(name, "deep") || strings.Contains(name, "alone") {
		if len(want) != 1 && !strings.Contains(name, "forty") {
			t.Errorf("%s: carrier itself finds %d", name, len(want))
		}
	}
}
