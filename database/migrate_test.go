package database_test

import (
	"os"
	"strings"
	"testing"
)

// No two steps have one number: two people who add one at the same time would
// otherwise break every start.
func TestStepsAreNumberedOnce(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, f := range files {
		number, _, _ := strings.Cut(f.Name(), "_")
		if other := seen[number]; other != "" {
			t.Errorf("%s and %s have one number", other, f.Name())
		}
		seen[number] = f.Name()
	}
}
