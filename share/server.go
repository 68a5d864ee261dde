package share

import (
	"context"
	"fmt"
	"hash/fnv"
	"net"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/cloudsoda/go-smb2"
)

// Server says where a share lies that is read over SMB, and as whom. It is
// spoken to by SMB 2 or 3 with NTLM, always signed, and encrypted if the server
// wants that.
type Server struct {
	Host, Port string
	Share      string
	Folder     string // below the share's root, "/" between its levels; "" for the root
	Domain     string // of the user; "" leaves it to the server
	User       string
	Password   func() (string, error) // asked at each log-in
}

// String is the address without the user.
func (s Server) String() string {
	host := s.Host
	if s.Port != "" && s.Port != smbPort {
		host = net.JoinHostPort(s.Host, s.Port)
	}
	return "smb://" + path.Join(host, s.Share, s.Folder)
}

const smbPort = "445"

// answerWithin is how long a server may think about a log-in, and about each
// request. It lies within Patience, so that the pass ends by itself.
const answerWithin = 6 * time.Second

// server is the place of a share that is read over SMB. It keeps its connection
// from pass to pass; one on which anything went wrong is never used again.
type server struct {
	at     Server
	within time.Duration // for an answer

	mu   sync.Mutex // an abandoned pass may still be about
	conn *connection
}

// connection is one log-in and the share's tree in it.
type connection struct {
	tcp     *ear
	session *smb2.Session
	share   *smb2.Share
	self    string // the account that owns what we make; "" while unknown

	accounts map[string]account // that files belong to, by SID
}

// cut ends a connection without a word. The server closes what was open in it.
func (c *connection) cut() { _ = c.tcp.Close() }

// open looks at the share's folder. An old connection may have died since it
// was used last: only what a new one says counts.
func (s *server) open(ctx context.Context, v visit) (tree, identity, error) {
	if c := s.kept(); c != nil {
		t, id, err := s.look(ctx, c, v)
		if err == nil || ctx.Err() != nil {
			return t, id, err
		}
		v.beat()
	}
	c, err := s.dial(ctx)
	if err != nil {
		return nil, identity{}, s.refusal(err)
	}
	s.mu.Lock()
	s.conn = c
	s.mu.Unlock()
	v.beat()
	t, id, err := s.look(ctx, c, v)
	return t, id, s.refusal(err)
}

// look makes sure that the folder is there. A connection by which it is not, is
// dropped.
func (s *server) look(ctx context.Context, c *connection, v visit) (tree, identity, error) {
	t := &serverTree{server: s, conn: c, ctx: ctx, visit: visit{lost: func(error) {}, beat: v.beat}}
	id, err := t.identify()
	if err != nil {
		s.drop(c)
		return nil, identity{}, err
	}
	t.visit.lost = v.lost
	return t, id, nil
}

func (s *server) kept() *connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

func (s *server) drop(c *connection) {
	c.cut()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == c {
		s.conn = nil
	}
}

// dial connects, logs in and opens the share.
func (s *server) dial(ctx context.Context) (*connection, error) {
	password, err := s.at.Password()
	if err != nil {
		return nil, &serverFault{words: fmt.Sprintf("%s: no password for the user %q: %v", s.at, s.at.User, err), err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, s.within)
	defer cancel()
	var d net.Dialer
	tcp, err := d.DialContext(ctx, "tcp", net.JoinHostPort(s.at.Host, s.at.Port))
	if err != nil {
		return nil, err
	}
	c := &connection{tcp: &ear{Conn: tcp}, accounts: map[string]account{}}
	if err := c.login(ctx, s.at, password); err != nil {
		c.cut()
		return nil, err
	}
	return c, nil
}

func (c *connection) login(ctx context.Context, at Server, password string) (err error) {
	d := smb2.Dialer{
		Negotiator: smb2.Negotiator{RequireMessageSigning: true},
		Initiator:  &smb2.NTLMInitiator{User: at.User, Domain: at.Domain, Password: password},
	}
	c.session, err = d.DialConn(ctx, c.tcp, at.Host)
	if err == nil && c.tcp.guest() {
		err = errGuest
	}
	if err == nil {
		c.share, err = c.session.WithContext(ctx).Mount(`\\` + at.Host + `\` + at.Share)
	}
	return err
}

// silent is why a request is given up.
func (s *server) silent() error { return fmt.Errorf("%w within %v", errSilent, s.within) }

// close logs off, if the server still listens.
func (s *server) close() error {
	s.mu.Lock()
	c := s.conn
	s.conn = nil
	s.mu.Unlock()
	if c == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.session.WithContext(ctx).Logoff() // a server that doesn't hear it notices the end
	c.cut()
	return nil
}

// identify makes sure that the folder is there. Whose clock the server goes by,
// and what it keeps its files on, is not known: no folder's time is trusted.
func (t *serverTree) identify() (identity, error) {
	id := identity{kind: "smb", owners: true, folds: true}
	err := t.ask(func(s *smb2.Share, _ *exchange) error {
		l, number, err := openFolder(s, t.server.at.Folder)
		if err == nil && l.kind != folder {
			err = errNoFolder
		}
		id.root.id = number
		return err
	})
	h := fnv.New64()
	_, _ = h.Write([]byte(strings.ToLower(t.server.at.String()))) // never fails
	id.root.device = h.Sum64()
	return id, err
}

// home asks for the folder's number, which comes with no other answer. When a
// folder was made can't be gone by: a server that has not kept that makes it up
// from the other times, and moves it with them.
func (t *serverTree) home(dir string) (h home, err error) {
	name, err := t.at(dir)
	if err != nil {
		return h, err
	}
	err = t.ask(func(s *smb2.Share, _ *exchange) error {
		l, number, err := openFolder(s, name)
		if err == nil {
			l.inode.id = number
			h = l.home()
		}
		return err
	})
	return h, err
}

var _ place = (*server)(nil)
