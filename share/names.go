package share

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What we write into a share.
const (
	receiptSuffix = ".received.txt"
	reasonSuffix  = ".reason.txt"
	refusedFolder = "refused" // at the top of the share
	asidePrefix   = ".inviter-"
	asideDigits   = 16
)

// maxName is the longest name that every file system takes, in bytes.
const maxName = 255

// ignoredSuffix are ends of names that mark a file as unfinished or as a
// program's own, in lower case.
func ignoredSuffix() []string {
	return []string{
		receiptSuffix, ".tmp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".!sync", ".bts", ".swp",
	}
}

// ignored tells names that are never looked at, folders' and files'.
func ignored(name string) bool {
	if name == "" || name[0] == '.' || name[0] == '~' {
		return true
	}
	lower := strings.ToLower(name)
	switch lower {
	case "thumbs.db", "desktop.ini", "lost+found", "$recycle.bin", "system volume information", "@eadir", "icon\r":
		return true
	}
	for _, suffix := range ignoredSuffix() {
		if strings.HasSuffix(lower, suffix) {
			return true
		}
	}
	return false
}

// inviting tells names that promise an invitation: such a file is never passed
// over in silence.
func inviting(name string) bool { return strings.Contains(strings.ToLower(name), ".msrcincident") }

// asideName is where a file is put while it is checked one last time. Nobody
// can guess it, scans of others don't look at it, and it still tells the name.
func asideName(name string) string {
	var b [asideDigits / 2]byte
	_, _ = rand.Read(b[:]) // never fails
	return shortened(asidePrefix+hex.EncodeToString(b[:])+"-", name, "")
}

// setAsideAs is the name that a file had before it was put aside; "" if it was not.
func setAsideAs(name string) string {
	rest, ok := strings.CutPrefix(name, asidePrefix)
	if !ok || len(rest) < asideDigits+2 || rest[asideDigits] != '-' {
		return ""
	}
	if _, err := hex.DecodeString(rest[:asideDigits]); err != nil {
		return ""
	}
	return rest[asideDigits+1:]
}

// shortened puts a name together, with as much of its middle as fits.
func shortened(before, name, after string) string {
	room := maxName - len(before) - len(after)
	if len(name) > room {
		name = name[:room]
		for len(name) > 0 && !utf8.FullRuneInString(lastRune(name)) {
			name = name[:len(name)-1]
		}
	}
	return before + name + after
}

// lastRune is the last character of s, or what is left of it after a cut.
func lastRune(s string) string {
	for i := len(s) - 1; i >= 0 && i >= len(s)-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			return s[i:]
		}
	}
	return s[len(s)-1:]
}

// numbered is the n-th name to try: the name itself, then with a number
// before its last suffix. From a hundred on it is a number nobody can guess.
func numbered(name string, n int) string {
	if n == 0 {
		return shortened("", name, "")
	}
	number := "." + strconv.Itoa(n+1)
	if n >= 100 {
		number = "." + rand.Text()
	}
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	return shortened("", strings.TrimSuffix(name, ext), number+ext)
}

// maxShown bounds how much of a path an item's name carries, in bytes.
const maxShown = 600

// shown is a path as people and databases can take it: what can't be printed
// is written as %XX, and what is too long ends in its hash.
func shown(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); {
		r, n := utf8.DecodeRuneInString(path[i:])
		if r == '%' || r == '#' || r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) {
			for _, c := range []byte(path[i : i+n]) {
				b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
			}
		} else {
			b.WriteString(path[i : i+n])
		}
		i += n
	}
	if b.Len() <= maxShown {
		return b.String()
	}
	sum := sha256.Sum256([]byte(path))
	return strings.ToValidUTF8(b.String()[:maxShown], "") + "%~" + hex.EncodeToString(sum[:16])
}

// item names a version of a file for the ledger, before it is read.
func (l look) item(path string) string {
	v := l.version()
	return shown(path) + "#" + strconv.FormatInt(v.size, 36) + "-" +
		strconv.FormatInt(v.time, 36) + "-" + strconv.FormatUint(v.inode.id, 36)
}
