// Package e2e_test runs the whole program as its users do: real binaries, real
// servers from distribution packages, real files, a real browser.
package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
)

// bin is where TestMain puts the programs. "watcher-failpoints" is the watcher
// with the named points at which a test can let it die.
var bin string

func TestMain(m *testing.M) {
	if where := os.Getenv(clerkVariable); where != "" {
		if err := beClerk(where); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(build(m))
}

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "inviter-bin")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin = dir
	for _, args := range [][]string{
		{"-o", filepath.Join(dir, "inviter"), "inviter/cmd/inviter"},
		{"-o", filepath.Join(dir, "watcher"), "inviter/cmd/watcher"},
		{"-o", filepath.Join(dir, "crashing"), "inviter/e2e/crashing"},
		{"-tags", "failpoints", "-o", filepath.Join(dir, "watcher-failpoints"), "inviter/cmd/watcher"},
	} {
		cmd := exec.Command("go", append([]string{"build"}, args...)...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
			return 1
		}
	}
	return m.Run()
}

// helpdesk is one installation: a folder with configuration and data.
type helpdesk struct {
	t      testing.TB
	dir    string
	config string
	url    string
	under  []string // a program and its arguments that run ours; none as a rule
}

// newHelpdesk writes a configuration with the given sources.
func newHelpdesk(t testing.TB, sources ...string) *helpdesk {
	t.Helper()
	h := &helpdesk{t: t, dir: private.Folder(t)}
	h.config = filepath.Join(h.dir, "inviter.toml")
	listen := fmt.Sprintf("127.0.0.1:%d", private.Port(t))
	h.url = "http://" + listen
	h.write("inviter.toml", fmt.Sprintf("data = %q\n\n[web]\nlisten = %q\npublic_url = %q\n\n%s\n",
		filepath.Join(h.dir, "data"), listen, h.url, strings.Join(sources, "\n")))
	return h
}

// mailboxAt is the configuration of a mailbox; its password stands in h.dir/password.
func mailboxAt(url string, more string) string {
	return fmt.Sprintf("[[mailbox]]\nname = \"helpdesk\"\nurl = %q\npassword_env = \"HELPDESK_PASSWORD\"\npoll = \"@every 1s\"\n%s\n", url, more)
}

// shareAt is the configuration of a share that is looked at every second.
func shareAt(path string, more string) string {
	return fmt.Sprintf("[[share]]\nname = \"support\"\npath = %q\npoll = \"@every 1s\"\nsettle = \"0s\"\n%s\n", path, more)
}

func (h *helpdesk) write(name, text string) string {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

func (h *helpdesk) env(more ...string) []string {
	return append(append(os.Environ(), "HELPDESK_PASSWORD=secret", "SHARE_PASSWORD="+private.SambaPassword), more...)
}

// start runs a program of ours until the test ends.
func (h *helpdesk) start(program string, ready func(context.Context) error, args ...string) *private.Process {
	h.t.Helper()
	line := append(slices.Concat(h.under, []string{filepath.Join(bin, program)}, args), "--config", h.config)
	p := private.Start(h.t, private.Command{Path: line[0], Args: line[1:], Dir: h.dir, Env: h.env(), Ready: ready})
	h.t.Cleanup(func() {
		if h.t.Failed() {
			h.t.Logf("%s %v:\n%s", program, args, p.Output())
		}
	})
	return p
}

// serve starts the server and waits until every configured source is served.
func (h *helpdesk) serve(args ...string) *private.Process {
	h.t.Helper()
	return h.start("inviter", h.answers("/readyz", http.StatusOK), append([]string{"serve"}, args...)...)
}

// serveAlone starts a server that leaves watching to others.
func (h *helpdesk) serveAlone() *private.Process {
	h.t.Helper()
	return h.start("inviter", h.answers("/healthz", http.StatusOK), "serve", "--no-watch")
}

// answers waits for a status.
func (h *helpdesk) answers(path string, status int) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+path, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != status {
			return fmt.Errorf("%s answers %s", path, resp.Status)
		}
		return nil
	}
}

// result is how one short run of a program went.
type result struct {
	out, err string
	code     int
}

// run runs a program to its end.
func (h *helpdesk) run(program string, args ...string) result {
	h.t.Helper()
	return h.runWith(nil, program, args...)
}

func (h *helpdesk) runWith(env []string, program string, args ...string) result {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 2*private.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(bin, program), append(args, "--config", h.config)...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = h.dir, h.env(env...), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.t.Fatalf("%s %v: %v", program, args, err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// must runs a program that has to succeed and returns what it printed.
func (h *helpdesk) must(program string, args ...string) string {
	h.t.Helper()
	r := h.run(program, args...)
	if r.code != 0 {
		h.t.Fatalf("%s %v: exit %d\n%s%s", program, args, r.code, r.out, r.err)
	}
	return r.out
}

// eventually asks until ok, or fails the test with the last answer.
func eventually(t testing.TB, what string, ok func() error) {
	t.Helper()
	deadline := time.After(private.Patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ok()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: %v", what, err)
		}
	}
}
