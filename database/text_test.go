package database_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"inviter/database"
)

// Any text comes back as it was given: names in mails and on shares are any
// bytes, and none of them may stop a source.
func TestAnyTextIsKept(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	write(t, db, "CREATE TABLE y (n INTEGER, s TEXT)")
	texts := []string{"", "plain", "a\x00b", "\xff\xfe latin \xe4", "\U0010FF00 \U0010FFFF", "\xf4\x8f\xbf", "\u202e \U0001F600",
		"\xed\xa0\x80 half a pair", "trailing \xc3"}
	for i, s := range texts {
		if err := db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec("INSERT INTO y (n, s) VALUES (?, ?)", i, s)
			return err
		}); err != nil {
			t.Errorf("%q: %v", s, err)
			continue
		}
		var got string
		var n int
		if err := db.Read(t.Context(), func(tx *database.Tx) error {
			return tx.Row("SELECT n, s FROM y WHERE s = ?", s).Scan(&n, &got)
		}); err != nil || got != s || n != i {
			t.Errorf("%q came back as %q, number %d, %v", s, got, n, err)
		}
	}
}

func FuzzTextForPostgres(f *testing.F) {
	for _, s := range []string{"a\x00", "\xff", "\U0010FF00", "\xf4\x8f", "\U0010FFFFx\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		there := database.Stored(s)
		if !utf8.ValidString(there) || strings.ContainsRune(there, 0) {
			t.Errorf("%q is stored as %q, which the server refuses", s, there)
		}
		if got := database.ReadText(there); got != s {
			t.Errorf("%q came back as %q", s, got)
		}
	})
}

func TestPlaceholdersAreNumbered(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"SELECT 1":                             "SELECT 1",
		"a = ? AND b IN (?, ?)":                "a = $1 AND b IN ($2, $3)",
		"a = '?' AND b = ? AND \"c?\" = '''?'": "a = '?' AND b = $1 AND \"c?\" = '''?'",
	} {
		if got := database.Numbered(query); got != want {
			t.Errorf("%s became %s", query, got)
		}
	}
}
