package web

import (
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"inviter/invitation"
)

// handedIn is one upload: the file and what came with it.
type handedIn struct {
	name, user, phone, note string
	file                    []byte
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
