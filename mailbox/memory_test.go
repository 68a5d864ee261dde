package mailbox_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// memory is a mail server in this process, for what Dovecot can't be made to do.
type memory struct {
	addr string
	user *imapmemserver.User

	mu      sync.Mutex
	refuse  map[string]bool // commands that are answered with NO
	asking  asking          // see listening
	commits []string        // COPY, STORE, EXPUNGE, MOVE as they came
}

// Everything that matters here, and what servers may lack of it.
var (
	full      = []imap.Cap{imap.CapIMAP4rev1, imap.CapMove, imap.CapUIDPlus, imap.CapIdle, imap.CapNamespace}
	noMove    = []imap.Cap{imap.CapIMAP4rev1, imap.CapUIDPlus, imap.CapIdle, imap.CapNamespace}
	noUIDPlus = []imap.Cap{imap.CapIMAP4rev1, imap.CapIdle}
)

func newMemory(t testing.TB, caps []imap.Cap) *memory {
	t.Helper()
	m := &memory{user: imapmemserver.NewUser("help", "secret"), refuse: map[string]bool{}}
	must(t, m.user.Create("INBOX", nil))
	set := imap.CapSet{}
	for _, c := range caps {
		set[c] = struct{}{}
	}
	s := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &memorySession{imapmemserver.NewUserSession(m.user), m}, nil, nil
		},
		Caps: set, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	m.addr = l.Addr().String()
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-ended })
	return m
}

// refuses makes the server answer a command with NO, or stop doing so.
func (m *memory) refuses(command string, yes bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse[command] = yes
}

func (m *memory) note(command string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commits = append(m.commits, command)
	if m.refuse[command] {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Text: command + " is not allowed here"}
	}
	return nil
}

// memorySession notes and refuses commands.
type memorySession struct {
	*imapmemserver.UserSession
	m *memory
}

func (s *memorySession) Create(name string, o *imap.CreateOptions) error {
	if err := s.m.note("CREATE"); err != nil {
		return err
	}
	return s.UserSession.Create(name, o)
}

func (s *memorySession) Copy(set imap.NumSet, dest string) (*imap.CopyData, error) {
	if err := s.m.note("COPY"); err != nil {
		return nil, err
	}
	return s.UserSession.Copy(set, dest)
}

func (s *memorySession) Move(w *imapserver.MoveWriter, set imap.NumSet, dest string) error {
	if err := s.m.note("MOVE"); err != nil {
		return err
	}
	return s.UserSession.Move(w, set, dest)
}

func (s *memorySession) Store(w *imapserver.FetchWriter, set imap.NumSet, f *imap.StoreFlags, o *imap.StoreOptions) error {
	if err := s.m.note("STORE"); err != nil {
		return err
	}
	return s.UserSession.Store(w, set, f, o)
}

func (s *memorySession) Fetch(w *imapserver.FetchWriter, set imap.NumSet, o *imap.FetchOptions) error {
	if o.BodyStructure != nil {
		if err := s.m.note("FETCH"); err != nil {
			return err
		}
	}
	return s.UserSession.Fetch(w, set, o)
}

var _ imapserver.SessionIMAP4rev2 = (*memorySession)(nil)

func TestConformanceInMemory(t *testing.T) {
	t.Parallel()
	for name, caps := range map[string][]imap.Cap{"full": full, "no MOVE": noMove, "no UIDPLUS": noUIDPlus} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(t *testing.T) sourcetest.Harness {
				m := newMemory(t, caps)
				p := newPerson(t, m.addr)
				n := 0
				return sourcetest.Harness{
					Open: func(t *testing.T, l ticket.Ledger) ticket.Source { return open(t, options(t, m.addr), l) },
					Deliver: func(t *testing.T, name string, file []byte) {
						n++
						p.send("INBOX", letter{subject: fmt.Sprint(name, n), file: file, name: name}.bytes())
					},
					Remaining: func(t *testing.T) int { return len(p.folder("INBOX")) },
					Keeps:     name == "no UIDPLUS",
				}
			})
		})
	}
}
