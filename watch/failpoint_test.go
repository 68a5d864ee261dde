package watch_test

import (
	"os"
	"os/exec"
	"testing"
)

// The fail points are in no program built for people, so their test is a
// program of its own.
func TestFailpointBuild(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a program")
	}
	run := exec.Command("go", "test", "-tags", "failpoints", "-run", "^TestFailpoints$", "-count", "1", ".")
	run.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := run.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
