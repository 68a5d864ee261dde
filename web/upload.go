package web

import (
	"cmp"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode/utf8"

	"inviter/invitation"
)

// handedIn is one upload: the file and what came with it.
type handedIn struct {
	name, user, phone, note string
	mail, code              string // of the page: where to answer, and the access code
	file                    []byte
	letter                  bool // the file is a mail
	guest                   guest
}

// readUpload takes a multipart form with the field file, or the bare file.
func (s *Site) readUpload(r *http.Request) (handedIn, error) {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		in, err := s.readForm(r, params["boundary"])
		if err == nil && in.file == nil {
			err = badRequest("file")
		}
		return in, err
	}
	b, err := s.readFile(r.Body)
	if kind == "message/rfc822" {
		return handedIn{name: "mail.eml", file: b, letter: true}, err
	}
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
		if err := s.readPart(&in, part); err != nil {
			return in, err
		}
	}
	return in, nil
}

// readPart takes one field of the form. What was pasted counts where no file
// was chosen.
func (s *Site) readPart(in *handedIn, part *multipart.Part) error {
	switch part.FormName() {
	case "file", "text":
		b, err := s.readFile(part)
		if err != nil {
			return unreadable(err)
		}
		if len(b) > 0 && (in.file == nil || part.FormName() == "file") {
			in.name, in.file = cmp.Or(part.FileName(), "pasted.txt"), b
		}
		return nil
	}
	return in.set(part.FormName(), part)
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
	case "mail":
		in.mail = text
	case "code":
		in.code = text
	}
	return nil
}
