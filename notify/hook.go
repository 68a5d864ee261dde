package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// Hook is one webhook.
type Hook struct {
	URL    string
	Secret func() (string, error) // signs the body; nil signs nothing
	Client *http.Client           // nil = one with a patience of 10 s that follows no redirect
}

// call is the body of a webhook. Chat systems show text; programs read the rest.
type call struct {
	Text     string      `json:"text"`
	Event    string      `json:"event"`
	At       time.Time   `json:"at"`
	Instance string      `json:"instance"`
	Ticket   *callTicket `json:"ticket,omitempty"`
	Source   *callSource `json:"source,omitempty"`
}

type callTicket struct {
	ID        int64        `json:"id"`
	State     ticket.State `json:"state"`
	URL       string       `json:"url"`
	User      string       `json:"user"`
	Source    string       `json:"source"`
	Holder    string       `json:"holder,omitempty"`
	ExpiresAt time.Time    `json:"expires_at"`
}

type callSource struct {
	Name  string `json:"name"`
	Error string `json:"error,omitempty"`
}

// hook calls one webhook.
func (s *Sender) hook(ctx context.Context, n ticket.Notice) ticket.Fate {
	h, ok := s.Hooks[n.Hook]
	if !ok {
		return ticket.Fate{Never: true, Error: "this webhook is not configured any more"}
	}
	body, err := json.Marshal(s.call(n))
	if err != nil {
		return ticket.Fate{Never: true, Error: err.Error()}
	}
	if err := h.post(ctx, n, body); err != nil {
		return ticket.Fate{Error: strings.ReplaceAll(plain(err), h.URL, "(the webhook’s address)")}
	}
	return ticket.Fate{Sent: true}
}

func (h Hook) post(ctx context.Context, n ticket.Notice, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	id := sha256.Sum256([]byte(n.Instance + " " + n.Cause))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "inviter")
	r.Header.Set("X-Inviter-Event", string(n.Kind))
	r.Header.Set("X-Inviter-Delivery", hex.EncodeToString(id[:12])) // the same at every try
	if err := h.sign(r, body); err != nil {
		return err
	}
	answer, err := h.client().Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("the webhook answers %s", answer.Status)
	}
	return nil
}

// sign proves to the receiver that the body is ours.
func (h Hook) sign(r *http.Request, body []byte) error {
	if h.Secret == nil {
		return nil
	}
	secret, err := h.Secret()
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	r.Header.Set("X-Inviter-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return nil
}

func (h Hook) client() *http.Client {
	if h.Client != nil {
		return h.Client
	}
	return &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// call is what the notice says to other systems. What a user wrote is not in it.
func (s *Sender) call(n ticket.Notice) call {
	f, l := n.Facts, s.Pages.Match(s.Language, "")
	c := call{Event: string(n.Kind), At: n.At, Instance: n.Instance}
	said := templates.Told{Kind: string(n.Kind), Number: int64(n.Ticket), User: f.User, Holder: f.Holder, Source: f.Source, Error: f.Error, Expires: f.Expires, At: n.At}
	if n.Ticket != 0 {
		c.Ticket = &callTicket{
			ID: int64(n.Ticket), State: f.State, URL: fmt.Sprintf("%s/tickets/%d", s.PublicURL, n.Ticket),
			User: f.User, Source: f.Source, Holder: f.Holder, ExpiresAt: f.Expires,
		}
		said.URL = c.Ticket.URL
	} else {
		c.Source = &callSource{Name: f.Source, Error: f.Error}
		said.URL = s.PublicURL + "/sources"
	}
	c.Text = l.Tell(said)
	return c
}
