package share_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/share"
	"inviter/ticket"
)

// problem is one way in which a server's share can't be had.
type problem struct {
	change func(*share.Server)
	words  string // a part of what is said
	gone   bool
	login  bool // tried again slowly
}

// What is said about a share that can't be had names what to do about it.
func TestWhatIsWrongWithAServer(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	must(t, os.Mkdir(filepath.Join(server.Files, "closed"), 0o700))
	must(t, os.WriteFile(filepath.Join(server.Files, "file"), nil, 0o644))
	password := func(is string) func(*share.Server) {
		return func(s *share.Server) { s.Password = func() (string, error) { return is, nil } }
	}
	for name, p := range map[string]problem{
		"password":   {change: password("wrong"), words: `the server refuses the user "inviter": user or password is wrong`, login: true},
		"user":       {change: func(s *share.Server) { s.User = "nobody knows" }, words: `refuses the user "nobody knows"`, login: true},
		"no file":    {change: func(s *share.Server) { s.Password = func() (string, error) { return "", os.ErrNotExist } }, words: "file does not exist"},
		"share":      {change: func(s *share.Server) { s.Share = "supprot" }, words: `there is no share "supprot"`, gone: true},
		"folder":     {change: func(s *share.Server) { s.Folder = "not/there" }, words: `there is no folder "not/there" in the share`, gone: true},
		"a file":     {change: func(s *share.Server) { s.Folder = "file" }, words: `there is no folder "file"`, gone: true},
		"permission": {change: func(s *share.Server) { s.Folder = "closed" }, words: `the user "inviter" may not open the share or its folder`},
		"port":       {change: func(s *share.Server) { s.Port = "1" }, words: "nothing listens at 127.0.0.1:1", gone: true},
		"name":       {change: func(s *share.Server) { s.Host = "fileserver.invalid" }, words: `no address is known for "fileserver.invalid"`, gone: true},
	} {
		o := share.Options{Name: "support", Server: at(server.Addr, "")}
		p.change(&o.Server)
		s := closing(t, share.Open(o, nil))
		steps := s.Check(t.Context())
		if len(steps) != 1 || steps[0].Err == nil {
			t.Errorf("%s: %v", name, steps)
			continue
		}
		p.check(t, name, steps[0].Err)
	}
}

func (p problem) check(t *testing.T, name string, err error) {
	t.Helper()
	var careful interface {
		error
		Slow() bool
	}
	login := errors.As(err, &careful) && careful.Slow()
	if !strings.Contains(err.Error(), p.words) || errors.Is(err, ticket.ErrGone) != p.gone || login != p.login {
		t.Errorf("%s: %v (gone: %v, log-in: %v)", name, err, errors.Is(err, ticket.ErrGone), login)
	}
}

// Something else listens where the server should be.
func TestWhatIsNoFileServer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ says, words string }{
		"silent":  {"", "no answer from"},
		"another": {"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "broke off"},
		"hostile": {"\x00\x00\x00\x44\xfeSMB\x40\x00" + strings.Repeat("\xff", 62), "no answer"},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				t.Cleanup(func() { conn.Close() })
				_, _ = conn.Write([]byte(c.says))
			}
		}()
		s := closing(t, share.Open(share.Options{Name: "support", Server: at(l.Addr().String(), "")}, nil))
		share.Hurry(s, 300*time.Millisecond)
		steps := s.Check(t.Context())
		if len(steps) != 1 || steps[0].Err == nil || !errors.Is(steps[0].Err, ticket.ErrGone) || !strings.Contains(steps[0].Err.Error(), c.words) {
			t.Errorf("%s: %v", name, steps)
		}
	}
}

// Who can't sign is a guest, and is told so.
func TestAGuestIsNotTaken(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{Global: []string{"map to guest = bad user"}, Share: []string{"guest ok = yes"}})
	o := share.Options{Name: "support", Server: at(server.Addr, "")}
	o.Server.User = "nobody knows"
	steps := closing(t, share.Open(o, nil)).Check(t.Context())
	if len(steps) != 1 || steps[0].Err == nil || !strings.Contains(steps[0].Err.Error(), "as a guest only") {
		t.Errorf("%v", steps)
	}
}

func TestCheckOverSMB(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	b := overSMB(t, server, nil)
	b.write(t, "menu.txt", []byte("soup"))
	failed := func() string {
		names := ""
		for _, s := range b.Check(t.Context()) {
			if s.Err != nil {
				names += s.Name + ": " + s.Err.Error() + "\n"
			}
		}
		return names
	}
	if f := failed(); f != "" {
		t.Errorf("all is well, but %s", f)
	}
	b.wantFiles(t, "checked", "menu.txt")
	must(t, os.Chmod(b.path("menu.txt"), 0o600))
	if f := failed(); !strings.HasPrefix(f, "read: ") || !strings.Contains(f, "/menu.txt: ") || !strings.Contains(f, "read permission") {
		t.Errorf("unreadable: %s", f)
	}
	must(t, os.Remove(b.path("menu.txt")))
	must(t, os.Chmod(b.dir, 0o755))
	if f := failed(); !strings.HasPrefix(f, "write: ") || !strings.Contains(f, "write permission") {
		t.Errorf("unwritable: %s", f)
	}
}

// A wrong password that is put right needs no restart.
func TestAPasswordPutRight(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	is := "wrong"
	b := overSMB(t, server, func(o *share.Options) { o.Server.Password = func() (string, error) { return is, nil } })
	if _, err := b.Scan(t.Context(), b.ledger.Submit); err == nil || errors.Is(err, ticket.ErrGone) {
		t.Errorf("Scan: %v", err)
	}
	is = private.SambaPassword
	b.write(t, "help.msrcIncident", invite(1))
	b.scan(t)
	wantPass(t, "put right", b.after(t, settle), ticket.Pass{Queued: 1})
}
