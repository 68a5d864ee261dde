package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"mime"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/templates"
	"inviter/ticket"
)

// Ask is the page on which users hand in invitations, without a log-in.
type Ask struct {
	Off  bool
	Code string // an access code that strangers don't know; "" asks for none
	// SignIn lets in whom the single sign-on provider knows. Without it and a code
	// anybody may hand in.
	SignIn bool
	// Doubtful marks what strangers hand in, for nothing tells who they are;
	// Quarantine has a lead look at it first.
	Doubtful, Quarantine bool
	Mails                bool // users can be answered by mail
}

// How much one network may ask for. Many users may sit behind one address.
const (
	mostAsks   = 60 // at once, and then one every two seconds
	mostLooks  = 2  // files looked into at the same time
	mostWho    = 200
	mostNumber = 100
)

func newAsks() buckets { return newBuckets(rate.Every(2*time.Second), mostAsks) }

// askPage is GET /ask.
func (s *Site) askPage(w http.ResponseWriter, r *http.Request, c caller) error {
	if s.Ask.Off {
		return &ticket.Refusal{Code: codeNotFound}
	}
	who, err := s.guest(r)
	if err != nil {
		return err
	}
	s.page(w, c, http.StatusOK, s.asking(c, handedIn{guest: who, user: who.name, mail: who.address}))
	return nil
}

// asking is the page with what was typed.
func (s *Site) asking(c caller, in handedIn) templates.AskPage {
	stranger := c.Name == "" && in.guest == guest{}
	return templates.AskPage{
		Desk: s.Desk, Phone: s.Phone, Code: s.Ask.Code != "" && stranger, SignIn: s.Ask.SignIn && stranger, Guest: in.guest.name, Mails: s.Ask.Mails,
		User: in.user, Call: in.phone, Mail: in.mail, Note: in.note, Once: rand.Text(),
	}
}

// askHandIn is POST /ask: the way to the new ticket's status page, or the page
// again with the verdict.
func (s *Site) askHandIn(w http.ResponseWriter, r *http.Request, c caller) error {
	in, err := s.readAsk(r)
	if err != nil {
		return s.askAgain(w, c, in, err)
	}
	if err := s.lets(r, c, in); err != nil {
		return s.askAgain(w, c, in, err)
	}
	if len(in.file) == 0 {
		return s.askAgain(w, c, in, badRequest("file"))
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	d := s.askedDelivery(in, c)
	if d.From.Key, err = s.again(r, d.From); err != nil {
		return err
	}
	receipt, err := s.submit(ctx, d)
	if err != nil {
		return s.askAgain(w, c, in, err)
	}
	t, err := s.Queue.Ticket(ctx, receipt.Tickets[len(receipt.Tickets)-1])
	if err != nil {
		return err
	}
	if receipt.Outcome == ticket.Repeated && !handedInHere(t) {
		return s.askAgain(w, c, in, &ticket.Refusal{Code: codeKnown})
	}
	return s.remembered(w, r, t)
}

// codeKnown is said to who hands in what came another way: the link to its
// status page went to whoever sent it.
const codeKnown ticket.RefusalCode = "known"

// handedInHere tells whether a ticket came by this page first, from nobody
// that is known: then who has its file is the one who is to see its status.
func handedInHere(t ticket.Ticket) bool {
	return strings.HasPrefix(t.User.Key, "ticket:") && len(t.Deliveries) > 0 && t.Deliveries[0].Source == upload
}

// readAsk reads the page's form, cleaned and with passwords masked where people
// will read it.
func (s *Site) readAsk(r *http.Request) (handedIn, error) {
	if s.Ask.Off {
		return handedIn{}, &ticket.Refusal{Code: codeNotFound}
	}
	_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	in, err := s.readForm(r, params["boundary"])
	if err == nil {
		in.guest, err = s.guest(r)
	}
	in.user, in.phone = invitation.CleanLine(in.user, mostWho), invitation.CleanLine(in.phone, mostNumber)
	in.mail = plainAddress(in.mail)
	if !s.asks.take(networkOf(r.RemoteAddr), s.clock()) {
		in.file = nil // not looked into; what was typed is kept
		return in, &ticket.Refusal{Code: codeTooMany}
	}
	return in, err
}

// plainAddress is a mail address without its name, "" where it is none.
func plainAddress(text string) string {
	a, err := mail.ParseAddress(text)
	if err != nil || len(a.Address) > mostWho {
		return ""
	}
	return invitation.CleanLine(a.Address, mostWho)
}

// lets tells whether the caller may hand in: signed in, or with the right access
// code, where either is needed. Wrong ones are slowed down.
func (s *Site) lets(r *http.Request, c caller, in handedIn) error {
	switch {
	case s.Ask.Code == "" && !s.Ask.SignIn, c.Name != "", in.guest != guest{}:
		return nil
	case s.Ask.Code == "":
		return &ticket.Refusal{Code: ticket.CodeForbidden, Detail: signIn}
	}
	if !s.guesses.may(r.RemoteAddr, s.clock()) {
		return &ticket.Refusal{Code: codeTooMany}
	}
	a, b := sha256.Sum256([]byte(in.code)), sha256.Sum256([]byte(s.Ask.Code))
	if subtle.ConstantTimeCompare(a[:], b[:]) == 1 {
		return nil
	}
	s.guesses.spend(r.RemoteAddr, s.clock())
	return &ticket.Refusal{Code: ticket.CodeForbidden}
}

// askedDelivery is what was handed in, for the queue. Nobody vouches for the
// name, so the invitation is a user of its own.
func (s *Site) askedDelivery(in handedIn, c caller) ticket.Delivery {
	d := s.delivery(handedIn{name: in.name, file: in.file, note: in.note}, c)
	found := s.carried(in).Found
	name, one := carrier.Mask(in.user, found)
	phone, two := carrier.Mask(in.phone, found)
	d.From = ticket.User{Name: name, Phone: phone, Address: in.mail}
	if one+two > 0 {
		d.Flags = append(d.Flags, ticket.PasswordInMail)
	}
	if s.Ask.Doubtful && c.Name == "" {
		d.Flags = append(d.Flags, ticket.DoubtfulSender)
		d.Quarantine = s.Ask.Quarantine
	}
	if in.mail != "" {
		d.Reply = ticket.Reply{To: in.mail, Language: c.lang.Tag()}
	}
	return d
}

// askAgain shows the form once more with the reason and all that was typed, but
// for the file: no browser lets a page fill that in. A fault stays one.
func (s *Site) askAgain(w http.ResponseWriter, c caller, in handedIn, err error) error {
	n, expected := refusal(err)
	if !expected || n.Code == codeNotFound {
		return err
	}
	in.note, _ = carrier.Mask(in.note, s.carried(in).Found)
	p := s.asking(c, in)
	p.Verdict = &templates.Verdict{Now: s.clock(), Code: askCode(n)}
	p.Verdict.Again = len(in.file) > 0 && !n.intake && n.Code != codeKnown
	s.page(w, c, n.status(), p)
	return nil
}

// askCode is the last part of the key of a verdict's text.
func askCode(n no) string {
	switch {
	case n.Code == ticket.CodeBadRequest && n.Detail == "file":
		return "none"
	case n.Code == ticket.CodeForbidden && n.Detail == signIn:
		return signIn
	case n.Code == ticket.CodeForbidden:
		return "code"
	case n.Code == codeTooMany && n.intake:
		return "too-many-parts"
	}
	return string(n.Code)
}

// askLook is POST /ask/look: the verdict on a file before it is handed in.
// Nothing of it is kept.
func (s *Site) askLook(w http.ResponseWriter, r *http.Request, c caller) error {
	in, err := s.readAsk(r)
	if err != nil {
		return err
	}
	select {
	case s.looking <- struct{}{}:
		defer func() { <-s.looking }()
	default:
		return &ticket.Refusal{Code: codeUnavailable}
	}
	s.page(w, c, http.StatusOK, s.verdict(in))
	return nil
}

// verdict is what intake would say of a file, by the same parser.
func (s *Site) verdict(in handedIn) templates.Verdict {
	v := templates.Verdict{Now: s.clock()}
	if len(in.file) == 0 {
		v.Code = "none"
		return v
	}
	var d ticket.Delivery
	takeIn(&d, s.carried(in))
	if d.Refusal != nil {
		v.Code = askCode(no{ticket.Refusal{Code: ticket.RefusalCode(d.Refusal.Code)}, true})
		return v
	}
	last := d.Invitations[len(d.Invitations)-1]
	t := ticket.New(ticket.Delivery{Source: upload, Received: v.Now}, last, s.Rules, v.Now)
	v.Product, v.Expires, v.Password = product(*t), t.Expires, t.PasswordRequired
	return v
}
