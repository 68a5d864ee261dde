// Package remote is a technician's way to a running server: the HTTP API as Go
// calls. It promises no more than the server does: a verb whose answer was lost
// is asked again under the same Idempotency-Key, so it is carried out once.
package remote

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Bounds of what a server may answer, and of how long it may take.
const (
	mostBytes = 16 << 20
	patience  = 30 * time.Second
	tries     = 3 // of one request, where the connection is lost
)

// Queue asks one server as one account.
type Queue struct {
	base   string
	token  string
	client *http.Client
}

// New is the queue at a server's address, as the configuration's
// web.public_url has it, for the account that token belongs to.
func New(address, token string) (*Queue, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no address of a server; write it like https://help.example.org", address)
	}
	if token == "" {
		return nil, errors.New("no token; put one into INVITER_TOKEN (a lead prints it with: inviter technician token NAME)")
	}
	client := &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("the server sends elsewhere; take its own address") // a token goes to nobody else
	}}
	return &Queue{base: strings.TrimRight(address, "/") + "/api/v1", token: token, client: client}, nil
}

// Refusal is an expected no of the server, in its words.
type Refusal struct {
	Status int        `json:"status"`
	Code   string     `json:"code"`
	Title  string     `json:"title"`
	Detail string     `json:"detail"`
	Holder string     `json:"holder"`
	Since  *time.Time `json:"since"`
	Until  *time.Time `json:"until"`
}

// Error is the server's sentence, with who and when.
func (r *Refusal) Error() string {
	words := r.Title
	if words == "" {
		words = r.Code
	}
	if r.Holder != "" {
		words += ": " + r.Holder
	}
	if r.Since != nil {
		words += ", since " + Clock(*r.Since)
	}
	if r.Until != nil {
		words += ", until " + Clock(*r.Until)
	}
	if r.Detail != "" {
		words += " (" + r.Detail + ")"
	}
	return words
}

// Clock is an instant as the reader's wall shows it.
func Clock(t time.Time) string { return t.Local().Format("15:04") }

// get asks for something and changes nothing.
func (q *Queue) get(ctx context.Context, path string, into answer) error {
	return q.ask(ctx, request{method: http.MethodGet, path: path}, into)
}

// post says a verb.
func (q *Queue) post(ctx context.Context, path string, said words, into answer) error {
	body, err := json.Marshal(said)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	return q.ask(ctx, request{http.MethodPost, path, body, rand.Text()}, into)
}

// request is one question, the same at every try.
type request struct {
	method, path string
	body         []byte
	once         string // its Idempotency-Key
}

// answer takes an answer's body; it is told the status.
type answer func(status int, body []byte) error

// ask sends a request, again where the connection was lost on the way.
func (q *Queue) ask(ctx context.Context, r request, into answer) error {
	var lost error
	for range tries {
		status, body, err := q.send(ctx, r)
		if err == nil {
			return q.read(status, body, into)
		}
		if lost = err; ctx.Err() != nil {
			break
		}
	}
	return fmt.Errorf("%w; is the server running there? INVITER_URL says where to look", lost)
}

func (q *Queue) send(ctx context.Context, r request) (int, []byte, error) {
	ask, err := http.NewRequestWithContext(ctx, r.method, q.base+r.path, bytes.NewReader(r.body))
	if err != nil {
		return 0, nil, err
	}
	ask.Header.Set("Authorization", "Bearer "+q.token)
	if r.once != "" {
		ask.Header.Set("Idempotency-Key", r.once)
		ask.Header.Set("Content-Type", "application/json")
	}
	got, err := q.client.Do(ask)
	if err != nil {
		return 0, nil, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(io.LimitReader(got.Body, mostBytes))
	return got.StatusCode, body, err
}

func (q *Queue) read(status int, body []byte, into answer) error {
	if status < 300 {
		return into(status, body)
	}
	no := Refusal{Status: status}
	if json.Unmarshal(body, &no) != nil || no.Code == "" {
		return fmt.Errorf("the server answered %d %s; is inviter what runs at %s?", status, http.StatusText(status), q.base)
	}
	return &no
}
