package carrier

import (
	"io"
	"mime"
	"path"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
	"inviter/invitation"
)

// wordDecoder reads RFC 2047 words in any charset that browsers know.
func wordDecoder() *mime.WordDecoder { return &mime.WordDecoder{CharsetReader: charsetReader} }

// charsetReader serves RFC 2047 words.
func charsetReader(charset string, r io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, err
	}
	return e.NewDecoder().Reader(r), nil
}

// baseName is a foreign file name fit to show: without folders, drive and
// control characters. It is never used as a path.
func baseName(name string) string {
	name = words(name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = invitation.CleanLine(name, 200)
	if name == "." || name == ".." {
		return ""
	}
	return name
}

// named tells whether a file is called an invitation, mangled endings
// (".msrcIncident.txt", ".MSRCINCIDENT_") included.
func named(name string) bool { return strings.Contains(strings.ToLower(name), ".msrcincident") }

// extension is a name's ending in lower case, without the dot.
func extension(name string) string {
	return strings.TrimPrefix(strings.ToLower(path.Ext(name)), ".")
}

// opens tells by type or name what may hold something and so is worth reading
// even if it is large.
func opens(typ, name string) bool {
	switch strings.ToLower(typ) {
	case "message/rfc822", "message/global", "application/zip", "application/x-zip-compressed", "application/gzip",
		"application/x-gzip", "application/ms-tnef", "application/vnd.ms-tnef":
		return true
	}
	switch extension(name) {
	case "zip", "gz", "eml", "dat":
		return true
	}
	return false
}

func isText(typ string) bool { return strings.HasPrefix(strings.ToLower(typ), "text/") }
