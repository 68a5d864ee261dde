package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxName bounds a name in characters.
const maxName = 64

// reservedName is what the event log writes for the person who asks for help,
// so no technician may go by it.
const reservedName = "user"

// cleanName is the name as it is stored and shown, and the form by which names
// are told apart: two names that differ only in case, width or composition are
// one. It refuses with ErrName.
func cleanName(name string) (shown, folded string, err error) {
	if len(name) > maxName*utf8.UTFMax || !utf8.ValidString(name) {
		return "", "", ErrName
	}
	shown = norm.NFC.String(name)
	if n := utf8.RuneCountInString(shown); n == 0 || n > maxName {
		return "", "", ErrName
	}
	if strings.TrimSpace(shown) != shown || strings.ContainsFunc(shown, forbidden) {
		return "", "", ErrName
	}
	folded = fold(shown)
	switch folded {
	case ".", "..", reservedName: // the first two are no segment of a URL's path
		return "", "", ErrName
	}
	return shown, folded, nil
}

// forbidden tells what no name may hold. IsPrint leaves out control and format
// characters, the ones that change a text's direction among them.
func forbidden(r rune) bool { return r == '/' || !unicode.IsPrint(r) }

func fold(s string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}
