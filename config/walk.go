package config

import (
	"strconv"
	"strings"
)

// key reads a dotted key.
func (w *walk) key() []string {
	var parts []string
	for {
		w.skipBlank(false)
		from := w.at
		if w.at < len(w.text) && (w.text[w.at] == '"' || w.text[w.at] == '\'') {
			w.quoted()
			parts = append(parts, unquote(w.text[from:w.at]))
		} else {
			w.skipUntil(" \t.=]#\r\n")
			parts = append(parts, w.text[from:w.at])
		}
		w.skipBlank(false)
		if !w.take('.') {
			return parts
		}
		if len(parts) > maxNesting {
			w.giveUp()
			return parts
		}
	}
}

// giveUp ends the walk at a place that nests too deep.
func (w *walk) giveUp() {
	if w.at < len(w.text) {
		w.deep = w.line
	}
	w.at = len(w.text)
}

// quoted skips a string of any of the four kinds.
func (w *walk) quoted() {
	quote := w.text[w.at : w.at+1]
	long := strings.Repeat(quote, 3)
	if strings.HasPrefix(w.text[w.at:], long) {
		w.at += 3
		w.skipString(long, quote == `"`)
		for w.at < len(w.text) && w.text[w.at] == quote[0] { // """" ends a text that ends in a quote
			w.at++
		}
		return
	}
	w.at++
	w.skipString(quote, quote == `"`)
}

func (w *walk) skipString(end string, escapes bool) {
	for w.at < len(w.text) {
		switch {
		case strings.HasPrefix(w.text[w.at:], end):
			w.at += len(end)
			return
		case escapes && w.text[w.at] == '\\' && w.at+1 < len(w.text) && w.text[w.at+1] != '\n':
			w.at++
		case w.text[w.at] == '\n':
			w.line++
		}
		w.at++
	}
	w.at = min(w.at, len(w.text))
}

// skipBlank skips spaces, and with newlines also line ends and comments.
func (w *walk) skipBlank(newlines bool) {
	for w.at < len(w.text) {
		switch c := w.text[w.at]; {
		case c == ' ' || c == '\t' || c == '\r':
		case c == '\n' && newlines:
			w.line++
		case c == '#' && newlines:
			w.skipUntil("\n")
			continue
		default:
			return
		}
		w.at++
	}
}

func (w *walk) skipUntil(stops string) {
	if n := strings.IndexAny(w.text[w.at:], stops); n >= 0 {
		w.at += n
		return
	}
	w.at = len(w.text)
}

func (w *walk) take(c byte) bool {
	if w.at < len(w.text) && w.text[w.at] == c {
		w.at++
		return true
	}
	return false
}

func (w *walk) note(path string, line int) {
	if _, known := w.found[path]; !known {
		w.found[path] = line
	}
}

func join(path, part string) string {
	if path == "" {
		return part
	}
	return path + "." + part
}

func index(n int) string { return "[" + strconv.Itoa(n) + "]" }

func unquote(s string) string {
	if s[0] == '\'' {
		return strings.Trim(s, "'")
	}
	if plain, err := strconv.Unquote(s); err == nil {
		return plain
	}
	return s
}
