package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"inviter/ticket"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"
)

// maxKey bounds an Idempotency-Key, in bytes.
const maxKey = 255

// once serves a request. One that names an Idempotency-Key, and was sent by the
// same account before, gets the answer that the first one got; one that comes
// while the first is being answered waits for that.
func (s *Site) once(rt route, w http.ResponseWriter, r *http.Request, c caller) error {
	key := r.Header.Get("Idempotency-Key")
	if key == "" || s.Answers == nil || !isAPI(r) || r.Method != http.MethodPost || repeatable(rt) {
		return rt.serve(w, r, c)
	}
	o, err := onceFor(r, c, key)
	if err != nil {
		return err
	}
	done, err := s.repeats.take(r.Context(), o)
	if err != nil {
		return err
	}
	defer done()
	if remembersItself(rt) {
		return rt.serve(w, r.WithContext(s.Answers.Marked(r.Context(), o)), c)
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	a, found, err := s.Answers.Asked(ctx, o)
	if err == nil && !found {
		a, err = s.firstAnswer(rt, r, c, o)
	}
	if err == nil && a.Status == 0 && a.Print == o.Print {
		a, err = s.comingAnswer(ctx, c, o)
	}
	switch {
	case err != nil:
		return err
	case a.Print != o.Print:
		return badRequest("this Idempotency-Key was used for another request")
	}
	a.send(w)
	return nil
}

// repeatable are routes whose answers must not be stored, and needn't be:
// asking them again changes nothing.
func repeatable(rt route) bool {
	return strings.HasSuffix(rt.Pattern, "/invitation") || strings.HasSuffix(rt.Pattern, "/unlock") || strings.HasSuffix(rt.Pattern, "/item")
}

// remembersItself is the route whose answer must not be stored, for it holds a
// secret, and whose verb gives the same one again for the same request.
func remembersItself(rt route) bool { return rt.Pattern == "POST /api/v1/links" }

// onceFor reads the whole body, and puts it back.
func onceFor(r *http.Request, c caller, key string) (Once, error) {
	if len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
		return Once{}, badRequest("an Idempotency-Key has 1 to 255 characters of ASCII")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Once{}, unreadable(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	// A form that is put together anew has a new boundary.
	if _, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && params["boundary"] != "" {
		body = bytes.ReplaceAll(body, []byte(params["boundary"]), nil)
	}
	h := sha256.New()
	_, _ = io.WriteString(h, r.URL.Path+"\x00") // never fails, nor does the next
	_, _ = h.Write(body)
	o := Once{Account: "account " + c.Name, Key: key, Print: [32]byte(h.Sum(nil))}
	if c.intake != "" {
		o.Account = "intake " + c.intake
	}
	return o, nil
}

// firstAnswer carries the request out and stores its answer before it is sent.
// What went wrong on our side, or came too often, may be tried again. The
// answer has no status where another server was faster and has still to give it.
func (s *Site) firstAnswer(rt route, r *http.Request, c caller, o Once) (Answered, error) {
	rec := &recorder{header: http.Header{}}
	r = r.WithContext(s.Answers.Marked(context.WithoutCancel(r.Context()), o))
	err := rt.serve(rec, r, c)
	if errors.Is(err, ticket.ErrCarriedOut) {
		return Answered{Print: o.Print}, nil
	}
	if err != nil {
		s.sorry(rec, r, c, err)
	}
	rec.WriteHeader(http.StatusOK) // for who wrote nothing
	a := Answered{
		Print: o.Print, Status: rec.status, Body: rec.body.Bytes(),
		Type: rec.header.Get("Content-Type"), Location: rec.header.Get("Location"), Language: rec.header.Get("Content-Language"),
	}
	if a.Status >= http.StatusInternalServerError || a.Status == http.StatusTooManyRequests {
		return a, nil
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	stands, err := s.Answers.Keep(ctx, o, a)
	if err != nil && stands.Ticket != 0 { // what was done is done, and marked
		s.Log.Error("answer not kept", "error", err)
		return a, nil
	}
	return stands, err // what did nothing must be asked again: it might be answered otherwise
}

// How long the answer of a request that was carried out elsewhere is waited
// for, and how often it is looked for: it is stored right after what was done.
const (
	answerComes = 2 * time.Second
	answerLook  = 10 * time.Millisecond
)

// comingAnswer waits for the answer of the same request at another server. If
// that died before it stored one, the request's ticket as it is now stands for
// it, from then on.
func (s *Site) comingAnswer(ctx context.Context, c caller, o Once) (Answered, error) {
	for start := time.Now(); ; {
		a, found, err := s.Answers.Asked(ctx, o)
		switch {
		case err != nil || a.Status != 0 || a.Print != o.Print && found:
			return a, err
		case found && time.Since(start) > answerComes:
			return s.lostAnswer(ctx, c, o, a)
		}
		select {
		case <-ctx.Done():
			return a, ctx.Err()
		case <-time.After(answerLook):
		}
	}
}

// lostAnswer stands for an answer that was never stored.
func (s *Site) lostAnswer(ctx context.Context, c caller, o Once, lost Answered) (Answered, error) {
	t, err := s.Queue.Ticket(ctx, lost.Ticket)
	if err != nil {
		return lost, err
	}
	rec := &recorder{header: http.Header{}}
	s.write(rec, mediaJSON, http.StatusOK, ticketFor(t, c.Technician))
	a := Answered{Print: o.Print, Ticket: t.ID, Status: rec.status, Type: mediaJSON, Body: rec.body.Bytes()}
	if stands, err := s.Answers.Keep(ctx, o, a); err == nil {
		return stands, nil
	}
	return a, nil
}

func (a Answered) send(w http.ResponseWriter) {
	for name, value := range map[string]string{"Content-Type": a.Type, "Location": a.Location, "Content-Language": a.Language} {
		if value != "" {
			w.Header().Set(name, value)
		}
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// recorder is an answer that isn't sent yet.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// repeats lets of the same requests one go on at a time.
type repeats struct {
	mu   sync.Mutex
	busy map[[2]string]chan struct{}
}

// take waits until no other request has this account and key.
func (p *repeats) take(ctx context.Context, o Once) (done func(), err error) {
	key := [2]string{o.Account, o.Key}
	for {
		p.mu.Lock()
		before, taken := p.busy[key]
		if !taken {
			mine := make(chan struct{})
			if p.busy == nil {
				p.busy = map[[2]string]chan struct{}{}
			}
			p.busy[key] = mine
			p.mu.Unlock()
			return func() { p.give(key, mine) }, nil
		}
		p.mu.Unlock()
		select {
		case <-before:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (p *repeats) give(key [2]string, mine chan struct{}) {
	p.mu.Lock()
	delete(p.busy, key)
	p.mu.Unlock()
	close(mine)
}
