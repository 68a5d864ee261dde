package carrier

import (
	"bytes"
	"encoding/base64"
)

// transfer undoes a Content-Transfer-Encoding. It never fails: what can be
// decoded is, up to the first place that can't be meant, and the reader of the
// result judges. At most limit bytes come out.
func transfer(encoding string, b []byte, limit int) []byte {
	switch encoding {
	case "base64":
		return fromBase64(b, limit)
	case "quoted-printable":
		return fromQuoted(b, limit)
	case "x-uuencode", "uuencode", "x-uue", "uue":
		if f, ok := cutUU(b); ok {
			return f.decode(limit)
		}
	}
	return b[:min(len(b), limit)]
}

// fromBase64 decodes leniently: foreign characters are skipped, the padding
// ends it (a mail list's footer may follow).
func fromBase64(b []byte, limit int) []byte {
	b = b[:min(len(b), encodedLen(limit))]
	out := make([]byte, len(b)/4*3+3)
	n, err := base64.StdEncoding.Decode(out, b)
	if err != nil {
		n, _ = base64.RawStdEncoding.Decode(out, onlyBase64(b))
	}
	return out[:min(n, limit)]
}

// encodedLen is how much base64 text can hold limit bytes, line ends included.
func encodedLen(limit int) int { return limit/3*4 + limit/8 + 1024 }

func onlyBase64(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		switch {
		case c == '=':
			return out
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			out = append(out, c)
		}
	}
	return out
}

// fromQuoted decodes quoted-printable; an "=" that quotes nothing stands for itself.
func fromQuoted(b []byte, limit int) []byte {
	out := make([]byte, 0, min(len(b), limit))
	for len(b) > 0 && len(out) < limit {
		i := bytes.IndexByte(b, '=')
		if i < 0 {
			i = len(b)
		}
		out = append(out, b[:i]...)
		if b = b[i:]; len(b) == 0 {
			break
		}
		if len(b) > 2 && unhex(b[1]) < 16 && unhex(b[2]) < 16 {
			out = append(out, unhex(b[1])<<4|unhex(b[2]))
			b = b[3:]
			continue
		}
		rest, soft := softBreak(b[1:])
		if !soft {
			out = append(out, '=')
		}
		b = rest
	}
	return out[:min(len(out), limit)]
}

// softBreak takes the blanks and the line break that may follow an "=".
func softBreak(b []byte) (rest []byte, ok bool) {
	n := 0
	for n < len(b) && (b[n] == ' ' || b[n] == '\t' || b[n] == '\r') {
		n++
	}
	switch {
	case n == len(b):
		return nil, true
	case b[n] == '\n':
		return b[n+1:], true
	}
	return b, false
}

// unhex is a hex digit's value, 16 or more for anything else.
func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 0xFF
}
