package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inviter/e2e/private"
)

// serverShareAt is the configuration of a share that is read over SMB every
// second; its password stands in the environment.
func serverShareAt(url, more string) string {
	return fmt.Sprintf("[[share]]\nname = \"server\"\nurl = %q\npassword_env = \"SHARE_PASSWORD\"\npoll = \"@every 1s\"\nsettle = \"0s\"\n%s\n", url, more)
}

// dropOver puts an invitation into a share with smbclient, under a name of its
// own until it is whole.
func dropOver(t testing.TB, s *private.Fileserver, user, name string, file []byte) {
	t.Helper()
	local := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(local, file, 0o644); err != nil {
		t.Fatal(err)
	}
	s.Client(t, user, fmt.Sprintf("put %s %s.part; rename %s.part %s", local, name, name, name))
}

// becomes waits until a source is in the state, and says the words.
func becomes(t *testing.T, p *person, name, state, words string) sourceView {
	t.Helper()
	var s sourceView
	eventually(t, name+" "+state, func() error {
		if s = sources(t, p)[name]; s.State != state || !strings.Contains(s.LastError, words) {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
	return s
}

// One and the same share, read over SMB and locally on the file server: what
// users drop there becomes one ticket each, whoever is first.
func TestShareOnAServer(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{Share: []string{"create mask = 0666"}})
	for way, source := range map[string]string{"server": serverShareAt(server.URL("inviter", ""), ""), "support": shareAt(server.Files, "")} {
		h := newHelpdesk(t, source)
		serving := h.serve()
		ada := h.technician("ada", "technician")
		for i, user := range []string{"jane", "bob"} {
			dropOver(t, server, user, fmt.Sprintf("%s-%s.msrcIncident", way, user), invite(int64(i), user).RA2())
		}
		for _, v := range ada.appear(2, "waiting") {
			if v.Deliveries[0].Source != "share:"+way {
				t.Errorf("%s: %+v", way, v)
			}
		}
		eventually(t, "receipts in their place", func() error {
			if names := strings.Join(namesIn(t, server.Files), " "); strings.Count(names, ".received.txt") != 2 || strings.Count(names, ".msrcIncident") != 2 {
				return fmt.Errorf("there is %s", names)
			}
			return nil
		})
		want := map[string]string{"server": "polling (smb)", "support": "events"}[way]
		if s := becomes(t, ada, "share:"+way, "ok", ""); s.Mode != want {
			t.Errorf("%s is watched by %s", way, s.Mode)
		}
		serving.Stop()
		for _, name := range namesIn(t, server.Files) {
			if err := os.Remove(filepath.Join(server.Files, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func namesIn(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A server that hangs, goes and comes back is shown as that, and holds up
// nothing else.
func TestAServerThatHangsGoesAndComesBack(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	drop := t.TempDir()
	h := newHelpdesk(t, serverShareAt(server.URL("inviter", ""), ""), shareAt(drop, ""))
	h.serve()
	ada := h.technician("ada", "technician")
	server.Pause()
	if err := os.WriteFile(filepath.Join(drop, "a.msrcIncident"), invite(1, "ann").RA2(), 0o644); err != nil {
		t.Fatal(err)
	}
	ada.appear(1, "waiting")
	becomes(t, ada, "share:server", "gone", "no answer from "+server.Addr)
	becomes(t, ada, "share:support", "ok", "")
	server.Resume()
	becomes(t, ada, "share:server", "ok", "")
	server.Kill()
	becomes(t, ada, "share:server", "gone", "nothing listens at "+server.Addr)
	server.Start(t)
	dropOver(t, server, "jane", "b.msrcIncident", invite(2, "jane").RA2())
	ada.appear(2, "waiting")
	becomes(t, ada, "share:server", "ok", "")
}

// What is wrong with a share is said when it is checked, with what to do.
func TestCheckingAShareOnAServer(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{Share: []string{"read only = yes"}})
	for url, want := range map[string]string{
		server.URL("inviter", ""):                                            "give the account that runs this write permission",
		server.URL("inviter", "missing"):                                     `there is no folder "missing" in the share: make it`,
		server.URL("stranger", ""):                                           "user or password is wrong; check both",
		strings.Replace(server.URL("inviter", ""), "/support", "/suport", 1): `there is no share "suport" on this server: check the name`,
		"smb://inviter@127.0.0.1:1/support":                                  "nothing listens at 127.0.0.1:1: see whether the file server runs",
	} {
		h := newHelpdesk(t, serverShareAt(url, ""))
		if r := h.run("inviter", "check"); r.code != 1 || !strings.Contains(r.out, want) {
			t.Errorf("%s: exit %d\n%s%s", url, r.code, r.out, r.err)
		}
	}
	server.Configure(t, private.SambaOptions{})
	server.Stop()
	server.Start(t)
	h := newHelpdesk(t, serverShareAt(server.URL("inviter", ""), ""))
	if out := h.must("inviter", "check"); strings.Count(out, "share:server") != 3 {
		t.Errorf("all is well, but\n%s", out)
	}
}
