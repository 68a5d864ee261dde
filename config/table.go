package config

import (
	"maps"
	"slices"
	"strings"
)

// file is one configuration file while it is being read.
type file struct {
	name     string
	lines    map[string]int
	mistakes Mistakes
	env      func(name string) (string, bool)
}

// table is one [table] of it. Every key asked for is ticked off; what is left
// when it is closed is unknown.
type table struct {
	file *file
	path string // where it is: "mailbox[1]"
	name string // as people write it: "mailbox"
	tree map[string]any
	seen []string
}

// wrong notes a mistake about one key of the table, or with "" about the table.
func (t *table) wrong(key, text string) {
	name := t.name
	if key != "" {
		name = join(t.name, key)
	}
	t.file.mistakes = append(t.file.mistakes, Mistake{t.file.name, t.lineOf(key), name, text})
}

// lineOf is where a key stands, or for an absent one the head of its table.
func (t *table) lineOf(key string) int {
	if line, known := t.file.lines[join(t.path, key)]; known && key != "" {
		return line
	}
	return t.file.lines[t.path]
}

// asked ticks a key off and tells whether it is set.
func (t *table) asked(key string) bool {
	t.seen = append(t.seen, key)
	_, set := t.tree[key]
	return set
}

// lacks tells whether a key is absent, or set to the empty text.
func (t *table) lacks(key string) bool {
	value, set := t.tree[key]
	return !set || value == ""
}

// sub reads a table below this one; an absent one is empty.
func (t *table) sub(key string, read func(*table)) {
	tree, _ := raw[map[string]any](t, key, "a table: ["+join(t.name, key)+"] on a line of its own")
	below := &table{file: t.file, path: join(t.path, key), name: join(t.name, key), tree: tree}
	read(below)
	below.close()
}

// each reads a list of tables: [[mailbox]].
func (t *table) each(key string, read func(*table)) {
	if !t.asked(key) {
		return
	}
	trees, ok := tables(t.tree[key])
	if !ok {
		t.wrong(key, "is "+describe(t.tree[key])+"; write [["+key+"]] on a line of its own, once for each")
		return
	}
	for i, tree := range trees {
		below := &table{file: t.file, path: join(t.path, key) + index(i), name: join(t.name, key), tree: tree}
		read(below)
		below.close()
	}
}

// tables is a value as a list of tables, in either of TOML's two spellings.
func tables(value any) ([]map[string]any, bool) {
	switch v := value.(type) {
	case []map[string]any:
		return v, true
	case []any:
		trees := make([]map[string]any, len(v))
		for i, item := range v {
			tree, ok := item.(map[string]any)
			if !ok {
				return nil, false
			}
			trees[i] = tree
		}
		return trees, true
	}
	return nil, false
}

// close notes every key that nobody asked for.
func (t *table) close() {
	for _, key := range slices.Sorted(maps.Keys(t.tree)) {
		if slices.Contains(t.seen, key) {
			continue
		}
		if like := nearest(key, t.seen); like != "" {
			t.wrong(key, "unknown key; did you mean "+like+"?")
			continue
		}
		t.wrong(key, "unknown key; known here: "+strings.Join(slices.Sorted(slices.Values(t.seen)), ", "))
	}
}

// describe says what a TOML value is, for people.
func describe(value any) string {
	switch value.(type) {
	case string:
		return "a text"
	case bool:
		return "true or false"
	case int64, float64:
		return "a number"
	case map[string]any:
		return "a table"
	case []map[string]any:
		return "a list of tables"
	case []any:
		return "a list"
	}
	return "a date or time"
}
