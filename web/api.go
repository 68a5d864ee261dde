package web

import (
	"net"
	"net/http"
	"strconv"

	"inviter/ticket"
)

// apiTickets is GET /tickets. Whoever asks again and again says what they have.
func (s *Site) apiTickets(w http.ResponseWriter, r *http.Request, c caller) error {
	limit, err := limitOf(r.URL.Query())
	if err != nil {
		return err
	}
	in, err := states(r)
	if err != nil {
		return err
	}
	tag, err := s.listTag(r.Context(), r, c, in) // before the list, which may only be newer
	if err != nil {
		return err
	}
	if holdsTag(r, tag) {
		w.Header().Set("ETag", tag)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	page, err := s.Queue.List(r.Context(), Filter{States: in, After: r.URL.Query().Get("after"), Limit: limit})
	if err != nil {
		return err
	}
	list := ticketsJSON{Tickets: []ticketJSON{}, Revision: page.Revision, Next: nonZero(page.Next)}
	for _, t := range page.Tickets {
		list.Tickets = append(list.Tickets, ticketFor(t, c.Technician))
	}
	if tag != "" {
		w.Header().Set("ETag", tag)
	}
	s.write(w, mediaJSON, http.StatusOK, list)
	return nil
}

// apiTicket is GET /tickets/{id}.
func (s *Site) apiTicket(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	t, err := s.Queue.Ticket(r.Context(), id)
	if err != nil {
		return err
	}
	events, err := s.Queue.History(r.Context(), id)
	if err != nil {
		return err
	}
	whole := ticketWithEvents{ticketJSON: ticketFor(t, c.Technician), Events: []eventJSON{}}
	for _, e := range events {
		whole.Events = append(whole.Events, eventJSON{moment(e.At), e.Kind, e.By, e.Claim, e.Other, e.Note})
	}
	s.write(w, mediaJSON, http.StatusOK, whole)
	return nil
}

// api makes a handler of a verb: JSON in, the ticket out.
func (s *Site) api(v verb) handler {
	return func(w http.ResponseWriter, r *http.Request, c caller) error {
		said, err := fromJSON(r)
		if err != nil {
			return err
		}
		_, t, err := s.say(r, c, v, said)
		if err != nil {
			return err
		}
		s.write(w, mediaJSON, http.StatusOK, ticketFor(t, c.Technician))
		return nil
	}
}

// apiNext is POST /claims.
func (s *Site) apiNext(w http.ResponseWriter, r *http.Request, c caller) error {
	ctx, cancel := unhurried(r)
	defer cancel()
	t, ok, err := s.claimNext(ctx, c)
	if err != nil {
		return err
	}
	if !ok {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	s.write(w, mediaJSON, http.StatusOK, ticketFor(t, c.Technician))
	return nil
}

// apiFile is POST /tickets/{id}/invitation.
func (s *Site) apiFile(w http.ResponseWriter, r *http.Request, c caller) error {
	said, err := fromJSON(r)
	if err != nil {
		return err
	}
	return s.file(w, r, c, said)
}

// file hands the invitation out, byte for byte, to its present holder only.
func (s *Site) file(w http.ResponseWriter, r *http.Request, c caller, said words) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	b, err := s.Queue.File(ctx, id, c.Technician, said.Claim, remoteHost(r))
	if err != nil {
		return err
	}
	t, err := s.Queue.Ticket(ctx, id)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="`+fileName(t)+`"`)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b)
	return nil
}

// fileName is what a downloaded invitation is called. Remote-assistance clients
// go by the suffix. A code is a text to read.
func fileName(t ticket.Ticket) string {
	if t.Kind == ticket.Code {
		return "ticket-" + t.ID.String() + ".txt"
	}
	return "ticket-" + t.ID.String() + ".msrcIncident"
}

// remoteHost is the asking address without its port.
func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// openAPI is the description of all this.
func (s *Site) openAPI(w http.ResponseWriter, _ *http.Request, _ caller) error {
	if len(s.OpenAPI) == 0 {
		return &ticket.Refusal{Code: codeNotFound}
	}
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(s.OpenAPI)
	return nil
}
