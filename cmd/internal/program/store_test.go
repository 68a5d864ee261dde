package program_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"inviter/cmd/internal/program"
	"inviter/config"
	"inviter/e2e/private"
)

// The key's own folder is made where nothing else does; any other has to be
// there already: a disk that isn't mounted must not be given a new key.
func TestKeyOfAStoreOnAServer(t *testing.T) {
	t.Parallel()
	url := private.StartPostgreSQL(t).URL()
	data := filepath.Join(t.TempDir(), "var", "data")
	open := func(key string) error {
		s, err := program.OpenStore(t.Context(), config.Config{Data: data, KeyFile: key, Database: url, Language: "en"}, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		return s.Close()
	}
	if err := open(filepath.Join(t.TempDir(), "disk", "inviter.key")); err == nil {
		t.Error("it made a folder for a key that was to lie elsewhere")
	}
	if err := open(filepath.Join(data, "inviter.key")); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(data)
	if err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", st, err)
	}
}
