package carrier

import (
	"bytes"
	"errors"
	"strings"

	"inviter/invitation"
)

// maxPieces is how many invitations or files in one text are looked at.
const maxPieces = 20

// search looks for invitations pasted into a text or page, and for files that
// were encoded into it.
func (o *opener) search(path string, k kind, b []byte, at place) {
	count := o.outcomes
	if mentions(b) {
		o.pieces(path, k, decodeText(k, b))
	}
	for n := 0; n < maxPieces; n++ {
		f, ok := cutUU(b)
		if !ok {
			break
		}
		k := kind{typ: "application/octet-stream", name: f.name}
		o.blob(join(path, f.name), k, f.decode(o.limits.Mail), at.deeper())
		b = f.rest
	}
	if o.outcomes == count {
		o.runs(path, b, at)
	}
}

// mentions is a quick look whether searching is worth while.
func mentions(b []byte) bool {
	return bytes.Contains(b, []byte("UPLOAD")) || bytes.Contains(b, []byte("KH=")) || len(b) > 1 && b[0] >= 0xFE
}

// pieces tries every invitation in a text: in a page as it stands and as it is
// shown, in a plain text with its flow undone, and last without line breaks.
func (o *opener) pieces(path string, k kind, s string) {
	views := []string{unflow(s, k)}
	if k.typ == "text/html" || strings.Contains(s, "&lt;") || strings.Contains(s, "<html") {
		views = []string{s, htmlText(s)}
	}
	for _, v := range append(views, strings.NewReplacer("\r", "", "\n", "").Replace(views[0])) {
		if from := begins(v, 0); from >= 0 {
			o.piecesOf(path, v, from)
			return
		}
	}
}

func (o *opener) piecesOf(path, s string, from int) {
	for n := 0; from >= 0; n++ {
		if n == maxPieces {
			o.bound(path, invitation.TooMany)
			return
		}
		next := begins(s, from+1)
		end := len(s)
		if next >= 0 {
			end = next
		}
		piece := s[from:min(end, from+o.limits.Invitation)]
		start := strings.LastIndexByte(s[:from], '\n') + 1
		if depth := strings.Count(s[start:from], ">"); depth > 0 {
			piece = unquoted(piece, depth)
		}
		o.piece(path, piece)
		from = next
	}
}

// piece tries one invitation, as it stands and with what typesetting does to
// blanks and quotes undone.
func (o *opener) piece(path, s string) {
	inv, err := invitation.Parse([]byte(s))
	if err != nil {
		if plain := typewriter.Replace(s); plain != s {
			inv, err = invitation.Parse([]byte(plain))
		}
	}
	var r *invitation.Refusal
	switch {
	case err == nil:
		o.found(path, inv, true)
	case o.torn == nil && errors.As(err, &r) && strings.Contains(s[:min(len(s), 200)], "TYPE"):
		no := o.refused(path, r)
		o.torn = &no
	}
}

// typewriter undoes typographic quotes and invisible characters.
var typewriter = strings.NewReplacer("\u00a0", " ", "\u200b", "", "\ufeff", "", "\u00ad", "", "\u201c", `"`, "\u201d", `"`, "\u201e", `"`, "\u2033", `"`)

// begins finds the next start of an invitation's root element.
func begins(s string, from int) int {
	first := strings.Index(s[from:], "<UPLOADINFO")
	if first < 0 {
		first = len(s) - from
	}
	for at := 0; at < first; at += len("<E>") {
		i := strings.Index(s[from+at:from+first], "<E>")
		if i < 0 {
			break
		}
		at += i
		inner := s[from+at+len("<E>"):]
		inner = strings.TrimLeft(inner[:min(len(inner), 64)], "> \t\r\n\u00a0")
		if strings.HasPrefix(inner, "<A") || strings.HasPrefix(inner, "<C") {
			return from + at
		}
	}
	if from+first == len(s) {
		return -1
	}
	return from + first
}

// unquoted takes the marks of quoted mail off the lines, as many as given.
func unquoted(s string, depth int) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		for n := 0; n < depth && strings.HasPrefix(line, ">"); n++ {
			line = strings.TrimPrefix(line[1:], " ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// runs looks at long stretches of base64 in a text: what was a part of a mail
// before something broke its frame.
func (o *opener) runs(path string, b []byte, at place) {
	for n := 0; n < maxPieces && len(b) > 0; n++ {
		run, rest := cutRun(b)
		if run == nil {
			return
		}
		d := fromBase64(run, o.limits.Mail)
		if looksXML(d) && shaped(d[:min(len(d), 4096)]) || looksXML(d) && bytes.HasPrefix(d, []byte("<E>")) || magic(d) != "" {
			o.blob(path, kind{typ: "application/octet-stream"}, d, at.deeper())
		}
		b = rest
	}
}

// minRun is how many characters of base64 are no accident.
const minRun = 160

// cutRun finds the next lines that hold nothing but base64.
func cutRun(b []byte) (run, rest []byte) {
	for at := 0; at < len(b); {
		start := at
		for at < len(b) {
			line, next := lineAt(b, at)
			if line = bytes.TrimRight(line, " \t\r"); !isBase64(line) {
				break
			}
			if at = next; len(line) < 60 { // the last line is shorter
				break
			}
		}
		if at-start >= minRun {
			return b[start:at], b[at:]
		}
		if at == start {
			_, at = lineAt(b, at)
		}
	}
	return nil, nil
}

func isBase64(line []byte) bool {
	line = bytes.TrimRight(line, "=")
	if len(line) < 2 {
		return false
	}
	for _, c := range line {
		if c != '+' && c != '/' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// withoutFiles is a text without the invitations, uuencoded files and base64
// in it. Where there are more than are looked at, the rest of the text goes.
func withoutFiles(s string) string {
	s = withoutInvitations(s)
	if !strings.Contains(s, "begin ") && len(s) < minRun {
		return s
	}
	b := []byte(s)
	for n := 0; n < maxPieces; n++ {
		f, ok := cutUU(b)
		if !ok {
			break
		}
		b = append(b[:f.at:f.at], f.rest...)
	}
	if run, rest := cutRun(b); run != nil {
		b = append(b[:len(b)-len(rest)-len(run)], rest...)
	}
	return string(b)
}

func withoutInvitations(s string) string {
	for n := 0; ; n++ {
		from := begins(s, 0)
		if from < 0 {
			return s
		}
		end := len(s)
		for _, mark := range []string{"</UPLOADINFO>", "</E>"} {
			if i := strings.Index(s[from:], mark); i >= 0 && n < maxPieces {
				end = min(end, from+i+len(mark))
			}
		}
		before := strings.TrimRight(s[:from], " \r\n")
		if i := strings.LastIndex(before, "<?xml"); i >= 0 && strings.HasSuffix(before, "?>") && from-i < 100 {
			from = i
		}
		s = s[:from] + s[end:]
	}
}
