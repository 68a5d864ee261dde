package database

import "strconv"

// numbered writes a statement's placeholders as PostgreSQL counts them: the
// first ? becomes $1. Those in quotes stay.
func numbered(query string) string {
	out := make([]byte, 0, len(query)+16)
	n, quote := 0, byte(0)
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '?':
			n++
			out = append(out, '$')
			out = strconv.AppendInt(out, int64(n), 10)
			continue
		}
		out = append(out, c)
	}
	return string(out)
}
