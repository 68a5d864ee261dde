package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/ticket"
)

// upload is the source of what is handed in here.
const upload = "upload"

// handedIn is one upload: the file and what came with it.
type handedIn struct {
	name, user, phone, note string
	file                    []byte
}

// apiSubmit is POST /tickets: 201 for a new ticket (also one that came past its
// expiry), 200 for an invitation that is known.
func (s *Site) apiSubmit(w http.ResponseWriter, r *http.Request, c caller) error {
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

// readUpload takes a multipart form with the field file, or the bare file.
func (s *Site) readUpload(r *http.Request) (handedIn, error) {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		return handedIn{}, badRequest("requests without a file are not supported yet")
	case "multipart/form-data":
		return s.readForm(r, params["boundary"])
	}
	b, err := s.readFile(r.Body)
	return handedIn{name: "upload.msrcIncident", file: b}, err
}

// readFile reads no more than intake takes.
func (s *Site) readFile(from io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(from, int64(s.Limits.Mail)+1))
	if err != nil {
		return nil, err
	}
	if len(b) > s.Limits.Mail {
		return nil, &invitation.Refusal{Code: invitation.TooLarge}
	}
	return b, nil
}

// readForm reads the parts in their order; nothing is put on disk.
func (s *Site) readForm(r *http.Request, boundary string) (handedIn, error) {
	var in handedIn
	parts, err := r.MultipartReader()
	if err != nil || boundary == "" {
		return in, badRequest("the form can't be read")
	}
	for range 20 {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return in, unreadable(err)
		}
		if part.FormName() == "file" {
			in.name = part.FileName()
			if in.file, err = s.readFile(part); err != nil {
				return in, unreadable(err)
			}
			continue
		}
		if err := in.set(part.FormName(), part); err != nil {
			return in, err
		}
	}
	if in.file == nil {
		return in, badRequest("file")
	}
	return in, nil
}

// unreadable keeps a refusal, and calls anything else the caller's broken form.
func unreadable(err error) error {
	if _, ok := refusal(err); ok {
		return err
	}
	return badRequest("the form can't be read")
}

func (in *handedIn) set(field string, from io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(from, 4*maxNote+1))
	if err != nil {
		return unreadable(err)
	}
	text := strings.TrimSpace(string(b))
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxNote {
		return badRequest(field)
	}
	switch field {
	case "user":
		in.user = text
	case "phone":
		in.phone = text
	case "note":
		in.note = text
	}
	return nil
}

// delivery is what was handed in, for the queue. The user is whom the token's
// owner names; without a name each invitation is a user of its own.
func (s *Site) delivery(in handedIn, c caller) ticket.Delivery {
	d := ticket.Delivery{Source: upload, Received: s.clock(), Note: in.note, From: userOf(in, c)}
	content := carrier.File(in.name, in.file, s.Limits)
	note, masked := carrier.Mask(d.Note, content.Found)
	d.Note = note
	if masked+content.Passwords > 0 {
		d.Flags = append(d.Flags, ticket.PasswordInMail)
	}
	for _, f := range content.Found {
		d.Invitations = append(d.Invitations, f.Invitation)
	}
	if len(d.Invitations) > 0 {
		d.Item = "in-" + rand.Text() // each time anew: the key tells known invitations
		return d
	}
	sum := sha256.Sum256(in.file)
	d.Item = "no-" + hex.EncodeToString(sum[:])
	d.Refusal = &invitation.Refusal{Code: invitation.NotAnInvitation}
	if len(content.Refused) > 0 {
		d.Refusal = content.Refused[0].Refusal
	}
	return d
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
	if strings.Contains(in.user, "@") {
		u.Address = in.user
	} else {
		u.Name = in.user
	}
	return u
}
