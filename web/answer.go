package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"inviter/templates"
	"inviter/ticket"
)

// page renders a page whole; if that fails, the reader gets a fault's number.
func (s *Site) page(w http.ResponseWriter, c caller, status int, p templates.Page) {
	var b bytes.Buffer
	if err := c.lang.Render(&b, p); err != nil {
		number := faultNumber()
		s.Log.Error("fault", "number", number, "error", err)
		http.Error(w, "fault "+number, http.StatusInternalServerError)
		return
	}
	pageHeader(w, c)
	if !c.zips {
		w.WriteHeader(status)
		_, _ = b.WriteTo(w)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	whole := newPress()
	whole.add(compress(b.Bytes()))
	_, _ = w.Write(whole.finish())
}

func pageHeader(w http.ResponseWriter, c caller) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", c.lang.Tag())
	h.Add("Vary", "Accept-Encoding, Accept-Language, Cookie")
}

// write sends v as JSON.
func (s *Site) write(w http.ResponseWriter, mediaType string, status int, v encodable) {
	b, err := json.Marshal(v)
	if err != nil {
		s.Log.Error("encode", "error", err)
		status, b = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}

// encodable marks what the API may answer with, so that nothing is sent that
// was not meant to be seen.
type encodable interface{ forAPI() }

const mediaJSON = "application/json"

// ticketID is the {id} of a path. Whatever is no number names no ticket.
func ticketID(r *http.Request) (ticket.ID, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, &ticket.Refusal{Code: ticket.CodeUnknown}
	}
	return ticket.ID(id), nil
}

// limitOf reads ?limit=: 200 without, at most 1,000.
func limitOf(in url.Values) (int, error) {
	const standard, most = 200, 1000
	q := in.Get("limit")
	if q == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(q)
	if err != nil || n < 1 {
		return 0, badRequest("limit")
	}
	return min(n, most), nil
}

func badRequest(what string) *ticket.Refusal {
	return &ticket.Refusal{Code: ticket.CodeBadRequest, Detail: what}
}

// states reads ?state=waiting,claimed.
func states(r *http.Request) ([]ticket.State, error) {
	var list []ticket.State
	for name := range strings.SplitSeq(r.URL.Query().Get("state"), ",") {
		if name == "" {
			continue
		}
		if !known(ticket.State(name)) {
			return nil, badRequest("state")
		}
		list = append(list, ticket.State(name))
	}
	return list, nil
}

func known(state ticket.State) bool {
	for _, s := range ticket.States() {
		if s == state {
			return true
		}
	}
	return false
}

// acceptsGzip tells whether the browser takes gzip without further ado.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" && strings.TrimSpace(q) != "q=0" {
			return true
		}
	}
	return false
}
