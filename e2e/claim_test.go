package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// dropped is a helpdesk with one waiting ticket.
func dropped(t *testing.T) (*helpdesk, int64) {
	t.Helper()
	drop := t.TempDir()
	h := newHelpdesk(t, shareAt(drop, ""))
	if err := os.WriteFile(filepath.Join(drop, "a.msrcIncident"), invite(1, "ann").RA2(), 0o644); err != nil {
		t.Fatal(err)
	}
	h.serve()
	ada := h.technician("ada", "technician")
	return h, ada.appear(1, "waiting")[0].ID
}

// Of many who claim at the same moment one wins, and all others are told who.
func TestManyClaimersOneHolder(t *testing.T) {
	t.Parallel()
	h, id := dropped(t)
	const claimers = 40
	people := []*person{h.technician("grace", "technician"), h.technician("linus", "technician"), h.technician("mary", "lead")}
	answers := make([]answer, claimers)
	var wg sync.WaitGroup
	for i := range claimers {
		wg.Go(func() {
			a, err := people[i%len(people)].try(http.MethodPost, people[0].on(id, "claim"), nil)
			if err != nil {
				t.Error(err)
			}
			answers[i] = a
		})
	}
	wg.Wait()
	holder := ""
	for i, a := range answers {
		switch code, who := a.problem(); {
		case a.Status == http.StatusOK:
			v := a.ticket(t)
			if holder != "" && holder != v.Claim.Holder {
				t.Errorf("%d: two holders: %s and %s", i, holder, v.Claim.Holder)
			}
			holder = v.Claim.Holder
			if v.Claim.Number != 1 {
				t.Errorf("%d: claim number %d", i, v.Claim.Number)
			}
		case a.Status != http.StatusConflict || code != "taken" || who == "":
			t.Errorf("%d: %d %s", i, a.Status, a.Body)
		}
	}
	if holder == "" {
		t.Error("nobody got it")
	}
}

// The whole life through the API: claim, refused others, hand back, claim by
// the other, stale numbers refused, close, nothing afterwards.
func TestLifeOfATicket(t *testing.T) {
	t.Parallel()
	h, id := dropped(t)
	ada, grace := h.technician("tess", "technician"), h.technician("grace", "technician")
	claim1, claim2 := map[string]any{"claim": 1}, map[string]any{"claim": 2}
	refused := func(p *person, status int, code, verb string, body any) {
		t.Helper()
		a := p.wants(status, http.MethodPost, p.on(id, verb), body)
		if got, _ := a.problem(); got != code {
			t.Errorf("%s: code %q, want %q", verb, got, code)
		}
		if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
			t.Errorf("%s: %s", verb, ct)
		}
	}
	ok := func(p *person, verb string, body any) {
		t.Helper()
		p.wants(http.StatusOK, http.MethodPost, p.on(id, verb), body)
	}

	refused(ada, 409, "not-holder", "invitation", claim1)
	ok(ada, "claim", nil)
	ok(ada, "claim", nil)
	refused(grace, 409, "taken", "claim", nil)
	refused(grace, 409, "not-holder", "invitation", claim1)
	refused(grace, 409, "lease-alive", "take-over", nil)
	refused(ada, 400, "bad-request", "renew", map[string]any{})
	ok(ada, "renew", claim1)
	ok(ada, "connected", claim1)
	ok(ada, "release", map[string]any{"claim": 1, "reason": "no-answer", "note": "rang twice"})
	ok(grace, "claim", nil)
	refused(ada, 409, "not-holder", "close", map[string]any{"claim": 1, "outcome": "solved"})
	a := grace.wants(http.StatusOK, http.MethodPost, grace.on(id, "invitation"), claim2)
	if got, want := a.Header.Get("Content-Disposition"), `attachment; filename="ticket-1.msrcIncident"`; id == 1 && got != want {
		t.Errorf("Content-Disposition %q, want %q", got, want)
	}
	ok(grace, "close", map[string]any{"claim": 2, "outcome": "solved", "note": "paper jam"})
	for _, verb := range []string{"claim", "renew", "invitation", "take-over"} {
		refused(ada, 410, "closed", verb, claim2)
	}
	refusedUnknown := ada.wants(http.StatusNotFound, http.MethodPost, ada.on(9999, "claim"), nil)
	if code, _ := refusedUnknown.problem(); code != "unknown" {
		t.Errorf("unknown ticket: %s", refusedUnknown.Body)
	}
}

// An invitation handed in through the API: new, known, damaged, too large.
func TestHandedIn(t *testing.T) {
	t.Parallel()
	h := newHelpdesk(t)
	h.serve()
	ada := h.technician("ada", "technician")
	file := invite(1, "jane").RA2()
	ada.wants(http.StatusCreated, http.MethodPost, "/tickets", file)
	ada.wants(http.StatusOK, http.MethodPost, "/tickets", file)
	for code, body := range map[string][]byte{"not-an-invitation": []byte("hello"), "damaged": file[:700]} {
		a := ada.wants(http.StatusUnprocessableEntity, http.MethodPost, "/tickets", body)
		if got, _ := a.problem(); got != code {
			t.Errorf("code %q, want %q", got, code)
		}
	}
	a := ada.wants(http.StatusRequestEntityTooLarge, http.MethodPost, "/tickets", make([]byte, 6_000_000))
	if got, _ := a.problem(); got != "too-large" {
		t.Errorf("code %q, want too-large", got)
	}
	if got := ada.tickets(everyState); len(got) != 1 {
		t.Errorf("%d tickets", len(got))
	}
	if a := (&person{t, h.url, "wrong"}).call(http.MethodGet, "/tickets", nil); a.Status != http.StatusUnauthorized {
		t.Errorf("a wrong token: %d", a.Status)
	}
}
