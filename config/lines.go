package config

import "strings"

// lines tells on which line of a TOML text each key stands. The TOML library
// keeps that to itself, so the text is walked once more. It must be valid TOML
// already; of anything else some lines may be missing, and nothing worse.
//
// A key's place is its path: "web.listen", and with the number of the table for
// a list of tables: "mailbox[1].url". deep is the line where the text nests
// deeper than any configuration does, else 0: the TOML library takes minutes for
// such a text, so it must not come to see it.
func lines(text string) (found map[string]int, deep int) {
	w := &walk{text: text, line: 1, found: map[string]int{}, counts: map[string]int{}}
	table := ""
	for w.skipBlank(true); w.at < len(w.text); w.skipBlank(true) {
		before := w.at
		if w.text[w.at] == '[' {
			table = w.header()
		} else {
			w.pair(table, 0)
		}
		if w.at == before {
			break
		}
	}
	return w.found, w.deep
}

// maxNesting bounds arrays and inline tables within one another, and the parts
// of a dotted key.
const maxNesting = 16

type walk struct {
	text   string
	at     int
	line   int
	deep   int
	found  map[string]int
	counts map[string]int // tables so far in each list of tables
}

// header reads "[a.b]" or "[[a.b]]" and returns the path of what follows.
func (w *walk) header() string {
	list := strings.HasPrefix(w.text[w.at:], "[[")
	line := w.line
	w.take('[')
	w.take('[')
	parts := w.key()
	w.skipBlank(false)
	w.take(']')
	w.take(']')
	path := ""
	for i, part := range parts {
		path = join(path, part)
		if list && i == len(parts)-1 {
			w.counts[path]++
		}
		w.note(path, line)
		if n := w.counts[path]; n > 0 {
			path += index(n - 1)
		}
	}
	w.note(path, line)
	return path
}

// pair reads "key = value" below a path.
func (w *walk) pair(path string, depth int) {
	line := w.line
	for _, part := range w.key() {
		path = join(path, part)
		w.note(path, line)
	}
	w.skipBlank(false)
	w.take('=')
	w.skipBlank(false)
	w.value(path, depth)
}

// value skips one value, noting the keys of inline tables in it.
func (w *walk) value(path string, depth int) {
	if w.at >= len(w.text) || depth > maxNesting {
		w.giveUp()
		return
	}
	switch w.text[w.at] {
	case '"', '\'':
		w.quoted()
	case '[':
		w.inside(']', func(n int) {
			w.note(path+index(n), w.line)
			w.value(path+index(n), depth+1)
		})
	case '{':
		w.inside('}', func(int) { w.pair(path, depth+1) })
	default:
		w.skipUntil(",]}#\n")
	}
}

// inside reads what stands between brackets, one piece after the other.
func (w *walk) inside(end byte, piece func(n int)) {
	w.at++
	for n := 0; ; n++ {
		w.skipBlank(true)
		before := w.at
		if w.take(end) || w.at >= len(w.text) {
			return
		}
		piece(n)
		w.skipBlank(true)
		w.take(',')
		if w.at == before {
			w.at = len(w.text)
			return
		}
	}
}
