package carrier

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// params are a field's parameters as written, names in lower case. Of repeated
// ones the first counts.
type params map[string]string

// maxParams bounds the parameters of one field, continuations included.
const maxParams = 64

// Parameter is one of a field's parameters as text, however it was written
// (RFC 2231, RFC 2047). Names are in lower case, values as they came.
func Parameter(written map[string]string, name string) string { return params(written).text(name) }

// readParams takes "type/sub; name=value" apart. It takes what senders write:
// doubled semicolons, blanks round "=", values with blanks and no quotes.
func readParams(v string) (string, params) {
	main, rest, _ := strings.Cut(v, ";")
	p := params{}
	for rest != "" && len(p) < maxParams {
		var item string
		item, rest = cutParam(rest)
		name, value, ok := strings.Cut(item, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := p[name]; ok && !twice && name != "" {
			p[name] = unquote(strings.TrimSpace(value))
		}
	}
	return token(main), p
}

// cutParam cuts at the next semicolon that isn't inside quotes.
func cutParam(v string) (item, rest string) {
	quoted := false
	for i := 0; i < len(v); i++ {
		switch {
		case v[i] == '\\' && quoted:
			i++
		case v[i] == '"':
			quoted = !quoted
		case v[i] == ';' && !quoted:
			return v[:i], v[i+1:]
		}
	}
	if quoted { // never closed: the quote was part of the value
		if i := strings.IndexByte(v, ';'); i >= 0 {
			return v[:i], v[i+1:]
		}
	}
	return v, ""
}

func unquote(v string) string {
	if len(v) == 0 || v[0] != '"' {
		return v
	}
	v = strings.TrimSuffix(v[1:], `"`)
	if !strings.Contains(v, `\`) {
		return v
	}
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		// A backslash only quotes what needs it: Windows paths have it bare.
		if v[i] == '\\' && i+1 < len(v) && (v[i+1] == '"' || v[i+1] == '\\') {
			i++
		}
		b.WriteByte(v[i])
	}
	return b.String()
}

// text is a parameter as text: plain, encoded by RFC 2231 (name*, name*0,
// name*0*), or by RFC 2047 against its rules, or in raw 8-bit bytes.
func (p params) text(name string) string {
	if v, ok := p[name+"*"]; ok {
		return extended(v)
	}
	if v, ok := p[name]; ok {
		return words(v)
	}
	var b strings.Builder
	charset := ""
	for i := range maxParams {
		part := name + "*" + strconv.Itoa(i)
		v, encoded := p[part+"*"]
		if !encoded {
			plain, ok := p[part]
			if !ok {
				break
			}
			b.WriteString(plain)
			continue
		}
		if i == 0 {
			charset, v = cutCharset(v)
		}
		b.WriteString(percent(v))
	}
	if charset == "" {
		return words(b.String())
	}
	return toUTF8(charset, []byte(b.String()))
}

// extended decodes "charset'language'percent-encoded" (RFC 2231 section 4).
func extended(v string) string {
	charset, rest := cutCharset(v)
	return toUTF8(charset, []byte(percent(rest)))
}

func cutCharset(v string) (charset, rest string) {
	f := strings.SplitN(v, "'", 3)
	if len(f) < 3 {
		return "", v
	}
	return f[0], f[2]
}

func percent(v string) string {
	if s, err := url.PathUnescape(v); err == nil {
		return s
	}
	return v
}

// words decodes RFC 2047 words wherever they stand, and raw 8-bit text.
func words(v string) string {
	if strings.Contains(v, "=?") {
		d := wordDecoder()
		if s, err := d.DecodeHeader(v); err == nil {
			v = s
		}
	}
	return toUTF8("", []byte(v))
}

// toUTF8 decodes text of a declared charset. Where that is unknown or a lie,
// UTF-8 is tried, and then every byte has its Windows-1252 character.
func toUTF8(charset string, b []byte) string {
	valid := utf8.Valid(b)
	if e, err := htmlindex.Get(strings.TrimSpace(charset)); err == nil {
		name, _ := htmlindex.Name(e)
		lie := name == "utf-8" || name == "replacement" || name == "windows-1252" && valid
		if out, err := e.NewDecoder().Bytes(b); err == nil && !lie {
			return string(out)
		}
	}
	if valid {
		return string(b)
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}
