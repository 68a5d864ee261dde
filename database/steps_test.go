package database_test

import (
	"os"
	"slices"
	"testing"
)

// Both engines have the same migrations, by number and name, and nothing lies
// beside them.
func TestEnginesHaveTheSameSteps(t *testing.T) {
	t.Parallel()
	here, there := stepsIn(t, "migrations/sqlite"), stepsIn(t, "migrations/postgres")
	if !slices.Equal(here, there) {
		t.Errorf("sqlite has %v\npostgres has %v\nwrite each step for both: docs/architecture.md says how", here, there)
	}
	if files := stepsIn(t, "migrations"); !slices.Equal(files, []string{"postgres", "sqlite"}) {
		t.Errorf("migrations holds %v: each engine's steps lie in its own folder", files)
	}
}

func stepsIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		names = append(names, f.Name())
	}
	return names
}
