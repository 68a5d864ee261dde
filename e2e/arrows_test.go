package e2e_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows are the packages each package may import; what lies below an allowed
// one is allowed too. Whoever needs another arrow moves a wall, and says why here.
var arrows = map[string][]string{
	"invitation":                       {},
	"invitation/sample":                {"invitation"},
	"carrier":                          {"invitation"},
	"ticket":                           {"invitation"},
	"ticket/sourcetest":                {"ticket", "invitation/sample"},
	"mailbox":                          {"ticket", "carrier"},
	"share":                            {"ticket", "carrier", "share/lsa"},
	"share/lsa":                        {},
	"config":                           {},
	"watch":                            {"mailbox", "share", "ticket", "config"},
	"database":                         {},
	"database/databasetest":            {"database", "e2e/private"}, // tests only
	"queue":                            {"ticket", "database"},
	"account":                          {"ticket", "database"},
	"account/sso":                      {"account"},
	"templates":                        {"ticket"},
	"web":                              {"ticket", "carrier", "templates"},
	"notify":                           {"ticket", "templates"},
	"demo":                             {"demo/postoffice", "invitation/sample"},
	"demo/postoffice":                  {},
	"cmd/internal/program":             {"*"}, // what both programs share
	"cmd/internal/program/programtest": {},
	"cmd/internal/remote":              {}, // the HTTP API as Go calls
	"cmd/inviter":                      {"*"},
	"cmd/watcher":                      {"*"},
	"docs":                             {},
	"e2e/crashing":                     {"queue", "account", "invitation/sample"}, // what tests let die
	"e2e/private":                      {},
	"e2e/peers":                        {}, // tests only
}

// keepers are the libraries that only some packages may know, so that each can
// be replaced in one place.
var keepers = map[string][]string{
	"github.com/emersion/go-imap":    {"mailbox", "demo/postoffice"},
	"github.com/emersion/go-message": {"carrier", "mailbox", "notify", "demo", "demo/postoffice"},
	"github.com/fsnotify/":           {"share"},
	"github.com/cloudsoda/go-smb2":   {"share"},
	"modernc.org/sqlite":             {"database"},
	"github.com/jackc/pgx":           {"database"},
	"github.com/pressly/goose":       {"database"},
	"github.com/robfig/cron":         {"watch", "config"},
	"github.com/wneessen/go-mail":    {"notify"},
	"github.com/coreos/go-oidc":      {"account/sso"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func TestArrows(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "inviter/")
		allowed, known := reach(name)
		if !known {
			t.Errorf("package %s is not in the house's plan: give it a place in arrows", name)
			continue
		}
		for _, to := range p.Imports {
			if room, ours := strings.CutPrefix(to, "inviter/"); ours && !allowed["*"] && !allowed[room] {
				t.Errorf("%s must not import %s", name, room)
			}
			for library, may := range keepers {
				if strings.HasPrefix(to, library) && !slices.Contains(may, name) {
					t.Errorf("%s must not know %s: only %v may", name, to, may)
				}
			}
		}
	}
}

// reach is all that lies below a package by the arrows.
func reach(name string) (map[string]bool, bool) {
	direct, known := arrows[name]
	below := map[string]bool{}
	for _, to := range direct {
		below[to] = true
		deeper, _ := reach(to)
		for d := range deeper {
			below[d] = true
		}
	}
	return below, known
}

// packages lists the program's packages with what they import outside of tests.
func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "inviter/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(p.ImportPath, "/e2e") || strings.HasPrefix(p.ImportPath, "inviter/e2e/bench") {
			continue // whole-program tests may use everything
		}
		all = append(all, p)
	}
	return all
}
