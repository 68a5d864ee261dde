package private

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// OIDC starts a single sign-on provider (folder provider, a module of its own)
// and returns its issuer address. Its client is "inviter" with the secret
// "secret", sent back to redirect; ada, grace and eve sign in with "correct
// horse", each in the groups everybody and NAMEs. Eve's address is unproven.
func OIDC(t testing.TB, redirect string) (issuer string) {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	program := filepath.Join(t.TempDir(), "provider")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join(filepath.Dir(here), "provider")
	if out, err := build.CombinedOutput(); err != nil {
		Missing(t, "the single sign-on provider's library: "+string(out))
	}
	p := Start(t, Command{Path: program, Args: []string{"-redirect", redirect}})
	ready := func(context.Context) error {
		line, _, whole := strings.Cut(p.Output(), "\n")
		if issuer = line; !whole {
			return errors.New("no address yet")
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	if err := p.await(ctx, ready); err != nil {
		t.Fatalf("%s is not ready: %v\n%s", program, err, p.Output())
	}
	return issuer
}
