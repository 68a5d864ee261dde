package web

import (
	"context"
	"net/http"
	"strconv"

	"inviter/ticket"
)

// apiRefusals is GET /refusals.
func (s *Site) apiRefusals(w http.ResponseWriter, r *http.Request, _ caller) error {
	list, err := s.Queue.Refusals(r.Context())
	if err != nil {
		return err
	}
	out := refusalsJSON{Refusals: []refusalJSON{}}
	for _, i := range list {
		out.Refusals = append(out.Refusals, refusalJSON{i.ID, i.Source, i.Item, i.From, moment(i.At), i.Code, i.Message, i.Kept > 0})
	}
	s.write(w, mediaJSON, http.StatusOK, out)
	return nil
}

// refusalID is the {id} of a path. Whatever is no number names nothing.
func refusalID(r *http.Request) (int64, error) {
	id, err := ticketID(r)
	if err != nil {
		return 0, &ticket.Refusal{Code: ticket.CodeUnknown, Detail: "no such refusal"}
	}
	return int64(id), nil
}

// retry has a refused item read once more, and records what it holds.
func (s *Site) retry(r *http.Request, c caller) (ticket.Receipt, error) {
	id, err := refusalID(r)
	if err != nil {
		return ticket.Receipt{}, err
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	return s.Queue.Retry(ctx, id, c.Technician, s.reread)
}

// reread reads what was handed in here, and has sources read what came by them.
func (s *Site) reread(k ticket.Kept) (ticket.Delivery, error) {
	if k.Source != upload {
		if s.Reread == nil {
			return ticket.Delivery{}, &ticket.Refusal{Code: ticket.CodeUnavailable, Detail: "the source " + k.Source + " is not configured"}
		}
		return s.Reread(k)
	}
	d := ticket.Delivery{Source: upload, Item: k.Item, From: k.From, Received: k.Received}
	takeIn(&d, s.carried(handedIn{name: k.Raw.Name, file: k.Raw.Body}))
	return d, nil
}

// apiRetry is POST /refusals/{id}/retry: 200 with what came of it; what is
// refused again is answered as it would be at intake, with the new reason.
func (s *Site) apiRetry(w http.ResponseWriter, r *http.Request, c caller) error {
	receipt, err := s.retry(r, c)
	if err != nil {
		return err
	}
	s.write(w, mediaJSON, http.StatusOK, retriedJSON{receipt.Outcome, append([]ticket.ID{}, receipt.Tickets...)})
	return nil
}

// retriedJSON is what came of a refused item in the end.
type retriedJSON struct {
	Outcome ticket.Outcome `json:"outcome"`
	Tickets []ticket.ID    `json:"tickets"`
}

func (retriedJSON) forAPI() {}

// apiDismiss is POST /refusals/{id}/dismiss.
func (s *Site) apiDismiss(w http.ResponseWriter, r *http.Request, c caller) error {
	if err := s.dismiss(r, c); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) dismiss(r *http.Request, c caller) error {
	id, err := refusalID(r)
	if err != nil {
		return err
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	return s.Queue.DismissRefusal(ctx, id, c.Technician)
}

// item is POST /refusals/{id}/item: the refused item as it came. Its name has
// no ending that a double click would open: it may be there to do harm.
func (s *Site) item(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := refusalID(r)
	if err != nil {
		return err
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	k, err := s.Queue.Kept(ctx, id, c.Technician, remoteHost(r))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="refusal-`+strconv.FormatInt(id, 10)+`.bin"`)
	h.Set("Content-Length", strconv.Itoa(len(k.Raw.Body)))
	_, _ = w.Write(k.Raw.Body)
	return nil
}

// Answers to the buttons at what was refused.
const (
	codeRetried   ticket.RefusalCode = "retried-" // and the outcome
	codeAgain     ticket.RefusalCode = "retried-refused"
	codeDismissed ticket.RefusalCode = "dismissed"
	codeNoRefusal ticket.RefusalCode = "no-refusal"
)

// formRetry is the button "Read once more".
func (s *Site) formRetry(w http.ResponseWriter, r *http.Request, c caller) error {
	receipt, err := s.retry(r, c)
	d := deed{no: &no{}}
	d.no.Code = codeRetried + ticket.RefusalCode(receipt.Outcome)
	if err == nil && len(receipt.Tickets) > 0 {
		d.id = receipt.Tickets[0]
	}
	return s.actedOnRefusal(w, r, c, d, err)
}

// formDismiss is the button "Dismiss".
func (s *Site) formDismiss(w http.ResponseWriter, r *http.Request, c caller) error {
	d := deed{no: &no{}}
	d.no.Code = codeDismissed
	return s.actedOnRefusal(w, r, c, d, s.dismiss(r, c))
}

// formItem is the button "Download".
func (s *Site) formItem(w http.ResponseWriter, r *http.Request, c caller) error {
	if err := s.item(w, r, c); err != nil {
		return s.actedOnRefusal(w, r, c, deed{}, err)
	}
	return nil
}

// actedOnRefusal answers a button in the list of what was refused.
func (s *Site) actedOnRefusal(w http.ResponseWriter, r *http.Request, c caller, d deed, err error) error {
	n, expected := refusal(err)
	switch {
	case err == nil:
		return s.acted(w, r, c, d)
	case !expected:
		return err
	case n.intake:
		n.Code = codeAgain
	case n.Code == ticket.CodeUnknown:
		n.Code = codeNoRefusal
	}
	return s.acted(w, r, c, deed{no: &n})
}

// Refusals are what intake could not use.
type Refusals interface {
	// Refusals lists them, the newest first.
	Refusals(ctx context.Context) ([]ticket.RefusedItem, error)
	// Retry reads a refused item once more and records what it holds, under the
	// same delivery. What is refused again comes back as an *invitation.Refusal.
	Retry(ctx context.Context, id int64, by ticket.Technician, read ticket.Reread) (ticket.Receipt, error)
	// Kept is a refused item, for a lead; from is the asking address, for the log.
	Kept(ctx context.Context, id int64, by ticket.Technician, from string) (ticket.Kept, error)
	DismissRefusal(ctx context.Context, id int64, by ticket.Technician) error
}
