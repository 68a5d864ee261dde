package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"strings"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/ticket"
)

// upload is the source of what is handed in here.
const upload = "upload"

// apiSubmit is POST /tickets: 201 for a new ticket (also one that came past its
// expiry), 200 for an invitation that is known.
func (s *Site) apiSubmit(w http.ResponseWriter, r *http.Request, c caller) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == mediaJSON {
		return s.apiAsk(w, r, c)
	}
	in, err := s.readUpload(r)
	if err != nil {
		return err
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	receipt, err := s.submit(ctx, s.delivery(in, c))
	if err != nil {
		return err
	}
	t, err := s.Queue.Ticket(ctx, receipt.Tickets[0])
	if err != nil {
		return err
	}
	code := http.StatusCreated
	if receipt.Outcome == ticket.Repeated {
		code = http.StatusOK
	}
	w.Header().Set("Location", "/api/v1/tickets/"+t.ID.String())
	s.write(w, mediaJSON, code, ticketFor(t, c.Technician))
	return nil
}

// submit records the delivery. What can't be used is recorded too, so that it
// is seen on the sources page, and then refused.
func (s *Site) submit(ctx context.Context, d ticket.Delivery) (ticket.Receipt, error) {
	receipts, err := s.Submit(ctx, []ticket.Delivery{d})
	if err != nil {
		return ticket.Receipt{}, err
	}
	if d.Refusal != nil {
		return ticket.Receipt{}, d.Refusal
	}
	if len(receipts) == 0 || len(receipts[0].Tickets) == 0 {
		return ticket.Receipt{}, &invitation.Refusal{Code: invitation.NotAnInvitation}
	}
	return receipts[0], nil
}

// delivery is what was handed in, for the queue. The user is whom the token's
// owner names; without a name each invitation is a user of its own.
func (s *Site) delivery(in handedIn, c caller) ticket.Delivery {
	d := ticket.Delivery{Source: upload, Received: s.clock(), Note: in.note, From: userOf(in, c)}
	content := s.carried(in)
	note, masked := carrier.Mask(d.Note, content.Found)
	if d.Note = note; d.Note == "" && (in.letter || len(content.Found) > 0 && !content.Found[0].Format.File()) {
		d.Note = content.Text // what stands in the mail, or round the code
	}
	if in.letter && d.From.Key == "" {
		d.From.Name, d.From.Address = content.Header.FromName, content.Header.From // its own word: shown, and no more
	}
	if masked+content.Passwords > 0 {
		d.Flags = append(d.Flags, ticket.PasswordInMail)
	}
	takeIn(&d, content)
	if len(d.Invitations) > 0 {
		d.Item = "in-" + rand.Text() // each time anew: the key tells known invitations
		return d
	}
	sum := sha256.Sum256(in.file)
	d.Item, d.Raw = "no-"+hex.EncodeToString(sum[:]), &ticket.Raw{Name: in.name, Body: in.file}
	return d
}

// carried is what is in something handed in.
func (s *Site) carried(in handedIn) carrier.Content {
	read := carrier.File(in.name, in.file, s.Limits)
	if in.letter {
		read = carrier.Mail(in.file, s.Limits)
	}
	if s.Codes {
		read = read.WithCodes(true)
	}
	return read
}

// takeIn puts into a delivery what was found in it, or why nothing was.
func takeIn(d *ticket.Delivery, content carrier.Content) {
	for _, f := range content.Found {
		d.Invitations = append(d.Invitations, f.Invitation)
	}
	if len(d.Invitations) > 0 {
		return
	}
	d.Refusal = &invitation.Refusal{Code: invitation.NotAnInvitation}
	if len(content.Refused) > 0 {
		d.Refusal = content.Refused[0].Refusal
	}
}

func userOf(in handedIn, c caller) ticket.User {
	u := ticket.User{Phone: in.phone}
	if in.user == "" {
		return u
	}
	owner := c.Name
	if c.intake != "" {
		owner = "intake:" + c.intake
	}
	u.Key = upload + ":" + owner + ":" + strings.ToLower(in.user)
	u.Name, u.Address = nameOrAddress(in.user)
	return u
}

// nameOrAddress is a user as somebody wrote him down: by name, or by mail address.
func nameOrAddress(user string) (name, address string) {
	if strings.Contains(user, "@") {
		return "", user
	}
	return user, ""
}
