package database_test

import (
	"os"
	"path/filepath"
	"testing"

	"inviter/database"
	"inviter/database/databasetest"
)

// TestPlacesOfTwoWriters has two writers put halves of keys in turn, far apart
// and close together: neither takes what the other put for a place that is new.
func TestPlacesOfTwoWriters(t *testing.T) {
	t.Parallel()
	databasetest.SQLiteOnly(t, "about a file of its own")
	dir := t.TempDir()
	writers := []*database.DB{open(t, dir), open(t, dir)}
	places := []int64{1, 2, 3, 2047, 2048, 2049, 2050, 9000, 9001, 5000, 5001, 70_000, 11_000, 4, database.AsideFar + 3, database.AsideFar + 4}
	put := func(by, place int64) {
		err := writers[by%2].Write(t.Context(), func(tx *database.Tx) error { return tx.PutAside(place, database.Aside{byte(by + 1)}) })
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, place := range places {
		put(int64(i), place)
	}
	for _, db := range writers {
		err := db.Write(t.Context(), func(tx *database.Tx) error {
			for i, place := range places {
				if half, err := tx.Aside(place); err != nil || half != (database.Aside{byte(i + 1)}) {
					t.Errorf("place %d holds %v, %v", place, half[:2], err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, database.AsideName))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := size()
	if put(0, 70_001); size() != before {
		t.Errorf("the next place makes the file longer: %d, %d bytes", before, size())
	}
}
