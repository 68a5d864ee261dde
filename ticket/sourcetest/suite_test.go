package sourcetest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"inviter/ticket/sourcetest"
)

// bugEnv names the bug that the child process of TestSuiteCatches puts in.
const bugEnv = "SOURCETEST_BUG"

func TestHonestShelfPasses(t *testing.T) {
	sourcetest.Run(t, func(*testing.T) sourcetest.Harness {
		return over(&shelf{items: map[string][]byte{}}, os.Getenv(bugEnv))
	})
}

// TestSuiteCatches runs the suite in a child process over shelves with one
// bug each: the suite must fail, and in the case made for that bug.
func TestSuiteCatches(t *testing.T) {
	if os.Getenv(bugEnv) != "" {
		t.Skip("this is the child")
	}
	bugs := map[string]string{
		"lets go first":        "a_submit_fault_keeps_the_item",
		"never lets go":        "delivered_once_is_one_ticket",
		"forgets the ledger":   "delivered_once_is_one_ticket",
		"names items anew":     "a_crash_after_submit",
		"loops on junk":        "junk_makes_no_ticket_and_no_loop",
		"takes gone for empty": "a_place_that_is_gone_is_an_error",
		"hears no cancel":      "a_cancelled_context_ends_the_scan",
		"swallows errors":      "a_submit_fault_keeps_the_item",
	}
	for bug, want := range bugs {
		t.Run(bug, func(t *testing.T) {
			t.Parallel()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHonestShelfPasses$")
			child.Env = append(os.Environ(), bugEnv+"="+bug)
			out, err := child.CombinedOutput()
			if err == nil {
				t.Fatal("the suite passed a broken source")
			}
			if !strings.Contains(string(out), "--- FAIL: TestHonestShelfPasses/"+want) {
				t.Errorf("no failure of %s in\n%s", want, out)
			}
		})
	}
}
