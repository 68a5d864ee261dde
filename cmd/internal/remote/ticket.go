package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Ticket is a ticket as the API shows it. Raw is the server's own text, for
// programs that want all of it.
type Ticket struct {
	ID               int64           `json:"id"`
	State            string          `json:"state"`
	Kind             string          `json:"kind"`
	Format           string          `json:"format"`
	User             User            `json:"user"`
	Note             string          `json:"note"`
	Endpoints        []Endpoint      `json:"endpoints"`
	PasswordRequired bool            `json:"password_required"`
	WaitingSince     time.Time       `json:"waiting_since"`
	ExpiresAt        time.Time       `json:"expires_at"`
	Deliveries       []Delivery      `json:"deliveries"`
	Flags            []string        `json:"flags"`
	Claim            *Claim          `json:"claim"`
	Outcome          string          `json:"outcome"`
	Events           []Event         `json:"events"`
	Raw              json.RawMessage `json:"-"`
}

// User is who asks.
type User struct {
	Name        string `json:"name"`
	Address     string `json:"address"`
	Phone       string `json:"phone"`
	ClaimedName string `json:"claimed_name"`
}

// Endpoint is where the user's PC can be reached.
type Endpoint struct {
	Host string `json:"host"`
	Port int    `json:"port"`
	URI  string `json:"uri"`
}

// Delivery is one arrival of the invitation.
type Delivery struct {
	Source string    `json:"source"`
	At     time.Time `json:"at"`
}

// Claim is who holds the ticket, under which number.
type Claim struct {
	Number     int       `json:"number"`
	Holder     string    `json:"holder"`
	Since      time.Time `json:"since"`
	LeaseUntil time.Time `json:"lease_until"`
}

// Event is one line of the ticket's trail.
type Event struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	By   string    `json:"by"`
	Note string    `json:"note"`
}

// words are what comes with a verb.
type words struct {
	Claim   int    `json:"claim,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Outcome string `json:"outcome,omitempty"`
	Note    string `json:"note,omitempty"`
}

// List is all tickets in the given states, longest in line first; without
// states all open ones. It reads page after page.
func (q *Queue) List(ctx context.Context, states []string) ([]Ticket, error) {
	var all []Ticket
	ask := url.Values{"limit": {"1000"}}
	if len(states) > 0 {
		ask.Set("state", strings.Join(states, ","))
	}
	for {
		var page struct {
			Tickets []json.RawMessage `json:"tickets"`
			Next    *string           `json:"next"`
		}
		if err := q.get(ctx, "/tickets?"+ask.Encode(), as(&page)); err != nil {
			return nil, err
		}
		for _, raw := range page.Tickets {
			var t Ticket
			if err := t.read(raw); err != nil {
				return nil, err
			}
			all = append(all, t)
		}
		if page.Next == nil || *page.Next == "" {
			return all, nil
		}
		ask.Set("after", *page.Next)
	}
}

// Show is one ticket with its trail.
func (q *Queue) Show(ctx context.Context, id int64) (Ticket, error) {
	var t Ticket
	err := q.get(ctx, at(id, ""), t.into())
	return t, err
}

// Claim takes one ticket.
func (q *Queue) Claim(ctx context.Context, id int64) (Ticket, error) {
	return q.verb(ctx, at(id, "/claim"), words{})
}

// Next takes the one longest in line; false where nothing waits.
func (q *Queue) Next(ctx context.Context) (Ticket, bool, error) {
	t, err := q.verb(ctx, "/claims", words{})
	return t, t.ID != 0, err
}

// Release hands a ticket back to its place in line.
func (q *Queue) Release(ctx context.Context, id int64, claim int, reason, note string) (Ticket, error) {
	return q.verb(ctx, at(id, "/release"), words{Claim: claim, Reason: reason, Note: note})
}

// Close ends a ticket.
func (q *Queue) Close(ctx context.Context, id int64, claim int, outcome, note string) (Ticket, error) {
	return q.verb(ctx, at(id, "/close"), words{Claim: claim, Outcome: outcome, Note: note})
}

// File is the invitation itself, byte for byte, for its holder.
func (q *Queue) File(ctx context.Context, id int64, claim int) ([]byte, error) {
	var file []byte
	err := q.post(ctx, at(id, "/invitation"), words{Claim: claim}, func(_ int, body []byte) error {
		file = body
		return nil
	})
	return file, err
}

func (q *Queue) verb(ctx context.Context, path string, said words) (Ticket, error) {
	var t Ticket
	err := q.post(ctx, path, said, t.into())
	return t, err
}

func at(id int64, verb string) string { return "/tickets/" + strconv.FormatInt(id, 10) + verb }

// into reads the ticket out of an answer; of an empty one nothing.
func (t *Ticket) into() answer {
	return func(status int, body []byte) error {
		if status == http.StatusNoContent {
			return nil
		}
		return t.read(body)
	}
}

func (t *Ticket) read(raw []byte) error {
	if err := json.Unmarshal(raw, t); err != nil {
		return fmt.Errorf("the server's answer can't be read: %w", err)
	}
	t.Raw = json.RawMessage(strings.TrimSpace(string(raw)))
	return nil
}

// as reads a JSON answer into v.
func as[T any](v *T) answer {
	return func(_ int, body []byte) error {
		if err := json.Unmarshal(body, v); err != nil {
			return fmt.Errorf("the server's answer can't be read: %w", err)
		}
		return nil
	}
}
