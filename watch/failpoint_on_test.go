//go:build failpoints

package watch

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"inviter/ticket"
)

type paper struct{ ticket.Ledger }

func (paper) LetGo(context.Context, string, []string) error { say("let go"); return nil }

func say(step string) { _, _ = os.Stdout.WriteString(step + "\n") }

// TestFailpointVictim is the program that dies: two items on their way.
func TestFailpointVictim(t *testing.T) {
	if os.Getenv("INVITER_FAILPOINT") == "" {
		t.Skip("only as a child of TestFailpoints")
	}
	submit := failingSubmit(func(context.Context, []ticket.Delivery) ([]ticket.Receipt, error) {
		say("recorded")
		return nil, nil
	})
	ledger := failingLedger(paper{})
	for range 2 {
		_, _ = submit(t.Context(), nil)
		say("moved")
		_ = ledger.LetGo(t.Context(), "", nil)
	}
	say("end")
}

// Each fail point ends the program between the very steps that it names.
func TestFailpoints(t *testing.T) {
	t.Parallel()
	once := "recorded moved let go "
	for at, want := range map[string]string{
		"fetched":     "",
		"submitted":   "recorded ",
		"moved":       "recorded moved ",
		"noted":       once,
		"fetched:2":   once,
		"submitted:2": once + "recorded ",
		"noted:2":     once + once,
		"noted:3":     once + once + "end ",
		"unheard-of":  once + once + "end ",
	} {
		child := exec.Command(os.Args[0], "-test.run=^TestFailpointVictim$")
		child.Env = append(os.Environ(), "INVITER_FAILPOINT="+at)
		out, err := child.Output()
		said := strings.ReplaceAll(string(out), "\n", " ")
		said, _, ended := strings.Cut(said, "PASS")
		var exit *exec.ExitError
		killed := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
		if said != want || killed == ended {
			t.Errorf("%s: said %q, want %q; %v", at, said, want, err)
		}
	}
}
