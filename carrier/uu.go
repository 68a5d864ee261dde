package carrier

import "bytes"

// uuFile is one uuencoded file: "begin 644 name", lines, "end".
type uuFile struct {
	at    int // where it begins
	name  string
	lines []byte
	rest  []byte // of the text, behind it
}

// cutUU finds the next uuencoded file.
func cutUU(b []byte) (uuFile, bool) {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("begin "))
		if i < 0 {
			return uuFile{}, false
		}
		at += i
		line, next := lineAt(b, at)
		mode, name, ok := bytes.Cut(bytes.TrimSpace(line[len("begin "):]), []byte(" "))
		if ok && (at == 0 || b[at-1] == '\n') && (len(mode) == 3 || len(mode) == 4) && onlyOctal(mode) {
			f := uuFile{at: at, name: baseName(string(name)), lines: b[next:]}
			f.lines, f.rest = f.until()
			return f, true
		}
		at = next
	}
}

func onlyOctal(mode []byte) bool {
	return len(bytes.Trim(mode, "01234567")) == 0
}

// until cuts the file's lines at the first that can't be one of them.
func (f uuFile) until() (lines, rest []byte) {
	for at := 0; at < len(f.lines); {
		line, next := lineAt(f.lines, at)
		n, ok := uuLength(bytes.TrimRight(line, "\r"))
		if !ok || n == 0 {
			return f.lines[:at], f.lines[next:]
		}
		at = next
	}
	return f.lines, nil
}

// uuLength is how many bytes a line holds; false where it is no such line.
// Trailing blanks, which stand for zeros, may have been lost on the way.
func uuLength(line []byte) (int, bool) {
	if len(line) == 0 || line[0] < ' ' || line[0] > '`' {
		return 0, false
	}
	n := int(line[0]-' ') & 63
	return n, len(line)-1 <= (n+2)/3*4+2
}

// decode gives the file's bytes, at most limit.
func (f uuFile) decode(limit int) []byte {
	out := make([]byte, 0, min(len(f.lines)/4*3, limit))
	for at := 0; at < len(f.lines) && len(out) < limit; {
		line, next := lineAt(f.lines, at)
		line = bytes.TrimRight(line, "\r")
		n, _ := uuLength(line)
		sextet := func(i int) byte {
			if i < len(line) {
				return (line[i] - ' ') & 63
			}
			return 0
		}
		for i := 1; n > 0; i, n = i+4, n-3 {
			a, b, c, d := sextet(i), sextet(i+1), sextet(i+2), sextet(i+3)
			out = append(out, []byte{a<<2 | b>>4, b<<4 | c>>2, c<<6 | d}[:min(n, 3)]...)
		}
		at = next
	}
	return out[:min(len(out), limit)]
}
