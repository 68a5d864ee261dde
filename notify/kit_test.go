package notify_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	netmail "net/mail"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"inviter/database"
	"inviter/invitation"
	"inviter/notify"
	"inviter/queue"
	"inviter/templates"
	"inviter/ticket"
)

// server is a mail server that does as it is told and keeps what it takes.
type server struct {
	addr string

	mu    sync.Mutex
	from  []string
	to    []string
	took  [][]byte
	onTo  []error // one for each RCPT, in order; then nil
	onEnd []error // one for each end of DATA; errCut cuts the line instead of an answer
}

var errCut = errors.New("the line is cut")

func newServer(t testing.TB) *server {
	t.Helper()
	s := &server{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = listener.Addr().String()
	srv := smtp.NewServer(s)
	srv.AllowInsecureAuth = true
	go func() { _ = srv.Serve(listener) }()
	t.Cleanup(func() { _ = srv.Close() })
	return s
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c.Conn()}, nil
}

func (s *server) taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.took)
}

// next takes the first of a list of answers.
func (s *server) next(list *[]error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(*list) == 0 {
		return nil
	}
	err := (*list)[0]
	*list = (*list)[1:]
	return err
}

type session struct {
	*server
	conn net.Conn
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from = append(s.from, from)
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.next(&s.onTo); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	err = s.next(&s.onEnd)
	if err == nil || errors.Is(err, errCut) {
		s.mu.Lock()
		s.took = append(s.took, b)
		s.mu.Unlock()
	}
	if errors.Is(err, errCut) {
		_ = s.conn.Close()
	}
	return err
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// house is a queue with what empties its outbox.
type house struct {
	t     testing.TB
	queue *queue.Queue
	db    *database.DB
	items int
}

func newHouse(t testing.TB, o ticket.Outgoing) *house {
	t.Helper()
	dir := t.TempDir()
	db, err := database.Open(context.Background(), database.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	q, err := queue.Open(context.Background(), queue.Options{
		DB: db, KeyFile: filepath.Join(dir, "key"), Rules: ticket.DefaultRules(), Clock: time.Now, Outgoing: o,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &house{t: t, queue: q, db: db}
}

func mailing() ticket.Outgoing {
	return ticket.Outgoing{Mail: ticket.MailKinds(), Domain: "example.org"}
}

// arrives puts a ticket into the line that came by mail.
func (h *house) arrives(user string) ticket.ID {
	h.t.Helper()
	h.items++
	key := invitation.Key{byte(h.items)}
	r, err := h.queue.Submit(context.Background(), []ticket.Delivery{{
		Source: "mailbox:helpdesk", Item: "1/" + string(rune('a'+h.items)), From: ticket.User{Key: "mail:" + user, Name: user}, Received: time.Now(),
		Invitations: []invitation.Invitation{{Format: "ra2", Key: key, Start: time.Now(), Minutes: 60, File: []byte("x")}},
		Reply:       ticket.Reply{To: user + "@example.org", MessageID: "asked@pc.example.org", Subject: "help", Language: "en"},
	}})
	if err != nil {
		h.t.Fatal(err)
	}
	return r[0].Tickets[0]
}

// options are those of a sender on the house.
func (h *house) options(post notify.Post) notify.Options {
	pages, err := templates.New(time.UTC, "en")
	if err != nil {
		h.t.Fatal(err)
	}
	return notify.Options{
		Outbox: h.queue, Alarms: h.queue, Alone: h.alone, Post: post, Pages: pages,
		PublicURL: "https://help.example.org", Desk: "Helpdesk", Language: "en", From: "Helpdesk <help@example.org>", Log: slog.New(slog.DiscardHandler),
		Rest: 10 * time.Millisecond,
	}
}

// sending runs a sender until ok.
func (h *house) sending(o notify.Options, ok func() bool) {
	h.t.Helper()
	s, err := notify.New(o)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	until(h.t, ok)
	stop()
	<-done
}

// until waits for what other goroutines bring about.
func until(t testing.TB, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(25 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Error("not within 25 s")
			return
		}
	}
}

func (h *house) outbox() ticket.OutboxState {
	s, err := h.queue.Outbox(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func parsed(t testing.TB, b []byte) *netmail.Message {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (h *house) alone(ctx context.Context) (context.Context, func(), error) {
	return h.db.Hold(ctx, "outbox")
}
