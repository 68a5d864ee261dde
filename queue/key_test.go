package queue_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inviter/database"
	"inviter/database/databasetest"
	"inviter/queue"
	"inviter/ticket"
)

func openAt(t *testing.T, dir, key string) error {
	t.Helper()
	db, err := database.Open(t.Context(), databasetest.Options(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = queue.Open(t.Context(), queue.Options{DB: db, KeyFile: key, Rules: ticket.DefaultRules()})
	return err
}

func TestKeyIsMadeOnceAndForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key := filepath.Join(dir, "inviter.key")
	if err := openAt(t, dir, key); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(key)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", st.Mode(), err)
	}
	before, err := os.ReadFile(key)
	if err != nil || !strings.HasPrefix(string(before), "inviter-key-1 ") {
		t.Fatalf("%q, %v", before, err)
	}
	if err := openAt(t, dir, key); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(key); err != nil || string(after) != string(before) {
		t.Errorf("the key changed: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".inviter-key-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWrongKeyIsRefusedAndNeverReplaced(t *testing.T) {
	t.Parallel()
	const another = "inviter-key-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	tests := []struct {
		name string
		lay  func(key string) error
		want error
		says string
	}{
		{"missing", os.Remove, queue.ErrKeyMissing, "bring it back"},
		{"another", write(another), queue.ErrKeyWrong, "bring back"},
		{"empty", write(""), queue.ErrKeyWrong, "no key file"},
		{"no key", write("secret"), queue.ErrKeyWrong, "no key file"},
		{"too short", write("inviter-key-1 AAAA"), queue.ErrKeyWrong, "no key file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			key := filepath.Join(dir, "the.key")
			if err := openAt(t, dir, key); err != nil {
				t.Fatal(err)
			}
			if err := tt.lay(key); err != nil {
				t.Fatal(err)
			}
			before, missing := os.ReadFile(key)
			err := openAt(t, dir, key)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), key) {
				t.Errorf("got %v", err)
			}
			after, still := os.ReadFile(key)
			if string(after) != string(before) || (missing == nil) != (still == nil) {
				t.Error("the key file was touched")
			}
		})
	}
}

func write(text string) func(string) error {
	return func(file string) error { return os.WriteFile(file, []byte(text), 0o600) }
}

func TestManyMakeOneKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := database.Open(t.Context(), databasetest.Options(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	failed := make(chan error)
	for range 8 {
		go func() {
			_, err := queue.Open(context.Background(), queue.Options{DB: db, KeyFile: filepath.Join(dir, "k")})
			failed <- err
		}()
	}
	for range 8 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

func TestKeyFolderMustBeThere(t *testing.T) {
	t.Parallel()
	if err := openAt(t, t.TempDir(), filepath.Join(t.TempDir(), "nowhere", "k")); err == nil {
		t.Error("opened")
	}
	if _, err := queue.Open(t.Context(), queue.Options{}); err == nil {
		t.Error("opened without a database")
	}
}
