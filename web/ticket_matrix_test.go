package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

// states makes a ticket in each state; what is claimed is claimed by ada.
func states() map[ticket.State]func(*house) ticket.Ticket {
	lena := ticket.Technician{Name: "lena", Role: ticket.RoleLead}
	quarantine := func(d *ticket.Delivery, _ *sample.Invitation) { d.Quarantine = true }
	after := func(verb func(h *house, id ticket.ID) error, change ...func(*ticket.Delivery, *sample.Invitation)) func(*house) ticket.Ticket {
		return func(h *house) ticket.Ticket {
			t := h.arrives(change...)
			check(h.t, verb(h, t.ID))
			return t
		}
	}
	claim := func(h *house, id ticket.ID) error {
		_, err := h.Claim(h.t.Context(), id, ticket.Technician{Name: "ada", Role: ticket.RoleTechnician})
		return err
	}
	nothing := func(*house, ticket.ID) error { return nil }
	return map[ticket.State]func(*house) ticket.Ticket{
		ticket.Waiting:     after(nothing),
		ticket.Quarantined: after(nothing, quarantine),
		ticket.Claimed:     after(claim),
		ticket.Closed: after(func(h *house, id ticket.ID) error {
			_, err := h.Close(h.t.Context(), id, lena, 0, ticket.Solved, "")
			return err
		}),
		ticket.Withdrawn: after(func(h *house, id ticket.ID) error { _, err := h.Withdraw(h.t.Context(), id); return err }),
		ticket.Refused: after(func(h *house, id ticket.ID) error {
			_, err := h.Refuse(h.t.Context(), id, lena, "")
			return err
		}, quarantine),
		ticket.Expired: after(nothing, func(_ *ticket.Delivery, s *sample.Invitation) { s.Start, s.Minutes = s.Start.Add(-2*time.Hour), 60 }),
		ticket.Superseded: func(h *house) ticket.Ticket {
			t := h.arrives()
			h.arrives(func(d *ticket.Delivery, s *sample.Invitation) {
				d.From.Key, s.Start = t.User.Key, t.Start.Add(time.Minute)
			})
			return t
		},
	}
}

// answers is what a verb of the route table answers to whom on a ticket in a
// state: a refusal's code, "" where it is done. false for a verb that this
// table doesn't know.
func answers(verb string, need web.Need, s ticket.State, name string, role ticket.Role) (string, bool) {
	may := ticket.Technician{Role: role}
	mine := s == ticket.Claimed && name == "ada"
	code := func(done bool, otherwise ticket.RefusalCode) (string, bool) {
		if done {
			return "", true
		}
		return string(otherwise), true
	}
	switch {
	case need == web.Works && !may.MayClaim(), need == web.Leads && !may.Lead():
		return string(ticket.CodeForbidden), true
	case s.Ended():
		return string(s), true
	}
	switch verb {
	case "claim":
		if s == ticket.Claimed {
			return code(mine, ticket.CodeTaken)
		}
		return code(s == ticket.Waiting, ticket.CodeQuarantined)
	case "approve", "refuse":
		return code(s == ticket.Quarantined, ticket.CodeBadRequest)
	case "take-over":
		if s == ticket.Claimed {
			return code(mine || may.Lead(), ticket.CodeLeaseAlive)
		}
		return string(ticket.CodeNotClaimed), true
	case "close":
		return code(mine || may.Lead(), ticket.CodeNotHolder)
	case "renew", "connected", "undo", "release", "transfer", "invitation", "unlock":
		return code(mine, ticket.CodeNotHolder)
	}
	return "", false
}

// TestEveryRoleOnEveryTicket says every verb of the route table as every role on
// tickets in every state, by API and by form. A verb that isn't in answers fails.
func TestEveryRoleOnEveryTicket(t *testing.T) {
	t.Parallel()
	h := build(t)
	people := map[string]ticket.Role{
		"vic": ticket.RoleViewer, "audrey": ticket.RoleAuditor, "ada": ticket.RoleTechnician, "grace": ticket.RoleTechnician, "lena": ticket.RoleLead, "root": ticket.RoleAdmin,
	}
	tokens := map[string]string{}
	for name, role := range people {
		tokens[name] = h.hire(name, role)
	}
	said := 0
	for _, r := range h.site.Routes() {
		method, pattern, _ := strings.Cut(r.Pattern, " ")
		if method != http.MethodPost || !strings.Contains(pattern, "/tickets/{id}/") {
			continue
		}
		for state, arrange := range states() {
			var one *ticket.Ticket
			for name, role := range people {
				want, known := answers(path.Base(pattern), r.Need, state, name, role)
				if !known {
					t.Fatalf("%s isn't in the table of answers", r.Pattern)
				}
				if one == nil {
					made := arrange(h)
					one = &made
				}
				before := h.is(one.ID, state)
				got := h.verbSaid(tokens[name], pattern, one.ID, role)
				now, err := h.Ticket(t.Context(), one.ID)
				check(t, err)
				if got != want || want != "" && now.Revision != before.Revision {
					t.Errorf("%s as %s (%s) on a ticket %s: %q, want %q; revision %d, then %d", r.Pattern, name, role, state, got, want, before.Revision, now.Revision)
				}
				if now.Revision != before.Revision {
					one = nil
				}
				said++
			}
		}
	}
	if verbs := 2*12 - 1; said != verbs*8*len(people) { // all but renew are on pages too
		t.Errorf("%d were said", said)
	}
}

// verbSaid says a verb as programs or pages do, and gives the refusal's code.
func (h *house) verbSaid(token, pattern string, id ticket.ID, role ticket.Role) string {
	h.t.Helper()
	at := strings.Replace(pattern, "{id}", id.String(), 1)
	claim := 1
	if role != ticket.RoleTechnician && path.Base(at) == "close" {
		claim = 0 // leads close whatever claim there is
	}
	if strings.HasPrefix(pattern, "/api/") {
		a := h.call(token, http.MethodPost, at, fmt.Sprintf(`{"claim":%d,"reason":"other","outcome":"solved","to":"grace","password":"x"}`, claim))
		if a.StatusCode == http.StatusOK {
			return ""
		}
		code, _ := a.json(h.t)["code"].(string)
		return code
	}
	before, err := h.Ticket(h.t.Context(), id)
	check(h.t, err)
	form := url.Values{"claim": {fmt.Sprint(claim)}, "reason": {"other"}, "outcome": {"solved"}, "to": {"grace"}, "password": {"x"}}
	a := h.call(token, http.MethodPost, at, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Referer", h.server.URL+"/")
	switch a.StatusCode {
	case http.StatusOK: // the file, or what a password told
		return ""
	case http.StatusForbidden:
		return string(ticket.CodeForbidden)
	case http.StatusSeeOther:
		code := mustURL(h.t, a.Header.Get("Location")).Query().Get("said")
		if now, err := h.Ticket(h.t.Context(), id); err == nil && now.Revision != before.Revision {
			return "" // said so because it was done
		}
		return code
	}
	return a.Status
}
