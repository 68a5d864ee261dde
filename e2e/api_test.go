package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// person is somebody with an account, who calls the API.
type person struct {
	t     testing.TB
	url   string
	token string
}

// technician makes an account and a token for it.
func (h *helpdesk) technician(name, role string) *person {
	h.t.Helper()
	h.must("inviter", "technician", "add", name, "--role", role, "--password-file", h.write(name+".password", passwordOf(name)))
	token := strings.TrimSpace(h.must("inviter", "technician", "token", name))
	return &person{h.t, h.url, token}
}

func passwordOf(name string) string { return "correct horse " + name }

// ticketView is what the tests read of a ticket.
type ticketView struct {
	ID           int64     `json:"id"`
	State        string    `json:"state"`
	Format       string    `json:"format"`
	Note         string    `json:"note"`
	Flags        []string  `json:"flags"`
	ExpiresAt    time.Time `json:"expires_at"`
	WaitingSince time.Time `json:"waiting_since"`
	Revision     int64     `json:"revision"`
	Deliveries   []struct {
		Source string `json:"source"`
		From   string `json:"from"`
	} `json:"deliveries"`
	User struct {
		Name        string `json:"name"`
		Address     string `json:"address"`
		ClaimedName string `json:"claimed_name"`
	} `json:"user"`
	Claim *struct {
		Number int    `json:"number"`
		Holder string `json:"holder"`
	} `json:"claim"`
}

// answer is one response of the API.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

func (a answer) ticket(t testing.TB) ticketView {
	t.Helper()
	var v ticketView
	if err := json.Unmarshal(a.Body, &v); err != nil {
		t.Fatalf("%d: %v\n%s", a.Status, err, a.Body)
	}
	return v
}

// problem is the answer's code and whom it names.
func (a answer) problem() (code, holder string) {
	var p struct{ Code, Holder string }
	_ = json.Unmarshal(a.Body, &p)
	return p.Code, p.Holder
}

func (p *person) call(method, path string, body any) answer {
	p.t.Helper()
	a, err := p.try(method, path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	return a
}

// try is call for those who race and must not end the test.
func (p *person) try(method, path string, body any) (answer, error) {
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		r = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return answer{}, err
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, p.url+"/api/v1"+path, r)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, b}, err
}

// wants is a call that has to be answered with the status.
func (p *person) wants(status int, method, path string, body any) answer {
	p.t.Helper()
	a := p.call(method, path, body)
	if a.Status != status {
		p.t.Fatalf("%s %s: %d, want %d\n%s", method, path, a.Status, status, a.Body)
	}
	return a
}

// tickets lists what is in the given states, "" for all open ones.
func (p *person) tickets(states string) []ticketView {
	p.t.Helper()
	path := "/tickets?limit=1000"
	if states != "" {
		path += "&state=" + states
	}
	var list struct{ Tickets []ticketView }
	a := p.wants(http.StatusOK, http.MethodGet, path, nil)
	if err := json.Unmarshal(a.Body, &list); err != nil {
		p.t.Fatal(err)
	}
	return list.Tickets
}

const everyState = "waiting,claimed,quarantined,closed,withdrawn,expired,superseded,refused"

// appear waits until exactly n tickets are in the states.
func (p *person) appear(n int, states string) []ticketView {
	p.t.Helper()
	var got []ticketView
	eventually(p.t, fmt.Sprintf("%d tickets %s", n, states), func() error {
		if got = p.tickets(states); len(got) != n {
			return fmt.Errorf("there are %d", len(got))
		}
		return nil
	})
	return got
}

func (p *person) on(id int64, verb string) string { return fmt.Sprintf("/tickets/%d/%s", id, verb) }
