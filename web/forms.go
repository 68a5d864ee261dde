package web

import (
	"net/http"
	"strconv"

	"inviter/templates"
	"inviter/ticket"
)

// form makes a page's handler of a verb. What comes of it is shown where the
// reader is: in the row, or above the list.
func (s *Site) form(v verb) handler {
	return func(w http.ResponseWriter, r *http.Request, c caller) error {
		said, err := fromForm(r)
		var id ticket.ID
		var t ticket.Ticket
		if err == nil {
			id, t, err = s.say(r, c, v, said)
		}
		n, expected := refusal(err)
		switch {
		case err != nil && !expected:
			return err
		case err != nil:
			return s.acted(w, r, c, deed{id: id, no: &n})
		}
		return s.acted(w, r, c, deed{id: id, done: &t})
	}
}

// formNext is the button "Claim the next".
func (s *Site) formNext(w http.ResponseWriter, r *http.Request, c caller) error {
	ctx, cancel := unhurried(r)
	defer cancel()
	t, ok, err := s.nextOnPage(ctx, c)
	n, expected := refusal(err)
	switch {
	case err != nil && !expected:
		return err
	case err == nil && ok:
		return s.acted(w, r, c, deed{id: t.ID, done: &t})
	case err == nil:
		n = no{Refusal: ticket.Refusal{Code: codeNothingWaits}}
	}
	return s.acted(w, r, c, deed{id: t.ID, no: &n})
}

// codeNothingWaits is said on pages only; to programs it is a 204.
const codeNothingWaits ticket.RefusalCode = "nothing-waits"

// deed is what a button did: the ticket as it now is, or why not.
type deed struct {
	id   ticket.ID
	done *ticket.Ticket
	no   *no
	// check is what a tried password told. It is shown in the answer itself and
	// nowhere else: no address or cookie carries it.
	check *templates.Check
}

// acted answers a button: with the changed rows where the page's script asked,
// else by leading back to where the reader was.
func (s *Site) acted(w http.ResponseWriter, r *http.Request, c caller, d deed) error {
	if r.Header.Get("Inviter-Part") != "" {
		return s.actedPart(w, r, c, d)
	}
	if d.check != nil {
		return s.showTicket(w, r, c, d)
	}
	to := back(r)
	q := to.Query()
	if d.no != nil {
		q.Set("said", string(d.no.Code))
		if d.id != 0 {
			q.Set("about", d.id.String())
		}
	} else if d.done.State.Ended() {
		q.Set("said", string(d.done.State))
		q.Set("about", d.id.String())
	}
	to.RawQuery = q.Encode()
	if d.id != 0 {
		to.Fragment = "t" + d.id.String()
	}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return nil
}

func (s *Site) actedPart(w http.ResponseWriter, r *http.Request, c caller, d deed) error {
	v, err := viewOf(r)
	if err != nil {
		return err
	}
	p, err := s.part(r.Context(), v, c, since(r))
	if err != nil {
		return err
	}
	switch {
	case d.no != nil || d.check != nil:
		if d.no != nil && d.no.Code == codeAskOutside {
			p.Focus = int64(d.id)
		}
		err = s.answerIn(r, &p, c, d)
	case d.done.Claim != nil && d.done.Claim.Holder == c.Name:
		p.Focus = int64(d.id)
	case !v.holds(*d.done, c, p.Line.Now):
		p.Done = int64(d.id)
		a := s.said(endCode(*d.done), *d.done)
		p.Said = &a
	}
	if err != nil {
		return err
	}
	return s.listed(w, r, c, p.LinePart, p.items)
}

// answerIn puts a refusal, or what a password told, into the row that it
// concerns, also when that row did not change; above the list where the list
// doesn't show it.
func (s *Site) answerIn(r *http.Request, p *part, c caller, d deed) error {
	row, err := s.rowIn(r, p, c, d.id)
	switch {
	case err != nil:
		return err
	case d.no == nil && row != nil:
		row.Tell(d.check)
	case d.no == nil: // the row left the list that very moment, and with it who may see the answer
	case row != nil:
		row.Said = s.saidOf(*d.no, d.id)
	default:
		p.Said = s.saidOf(*d.no, d.id)
	}
	return nil
}

// rowIn is a ticket's row in p, added where it is missing; nil where the list
// doesn't show the ticket.
func (s *Site) rowIn(r *http.Request, p *part, c caller, id ticket.ID) (*templates.Row, error) {
	for i := range p.items {
		if row, err := s.rowOf(r.Context(), &p.items[i], id, c); row != nil || err != nil {
			return row, err
		}
	}
	t, err := s.Queue.Ticket(r.Context(), id)
	if _, expected := refusal(err); expected {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v, err := viewOf(r)
	if err != nil || !v.holds(t, c, p.Line.Now) {
		return nil, err
	}
	row, err := s.ownRow(r.Context(), t, c, p.Line.Now)
	if err != nil {
		return nil, err
	}
	p.items = append(p.items, item{entry: newEntry(t), own: &row})
	return &row, nil
}

// formFile is the button "Download invitation".
func (s *Site) formFile(w http.ResponseWriter, r *http.Request, c caller) error {
	said, err := fromForm(r)
	if err != nil {
		return err
	}
	err = s.file(w, r, c, said)
	n, expected := refusal(err)
	if !expected {
		return err
	}
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	return s.acted(w, r, c, deed{id: ticket.ID(id), no: &n})
}

// formScan is the button "Try now".
func (s *Site) formScan(w http.ResponseWriter, r *http.Request, c caller) error {
	err := s.scan(r)
	n, expected := refusal(err)
	if err != nil && !expected {
		return err
	}
	if err == nil {
		n.Code = codeScanned
	}
	return s.acted(w, r, c, deed{no: &n})
}

// codeScanned is the answer to "Try now".
const codeScanned ticket.RefusalCode = "scanned"
