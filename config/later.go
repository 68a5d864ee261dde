package config

import "strings"

// unsupported lists the keys, and the tables with all their keys, whose feature
// this version lacks. Set to anything but the default they are refused, never
// ignored. A feature that arrives takes its line away.
func unsupported() []string {
	return []string{
		"database", // PostgreSQL
	}
}

// later notes a key whose feature is not there yet.
func (t *table) later(key string) bool {
	name := join(t.name, key)
	for _, lacking := range t.file.lacking {
		if name == lacking || strings.HasPrefix(name, lacking+".") {
			t.wrong(key, "not supported yet by this version; take the line out")
			return true
		}
	}
	return false
}
