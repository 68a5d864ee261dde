package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

// TestPressMakesOneGzipBody: pieces in any order and number are one body whose
// sum and length hold; Go's reader checks both.
func TestPressMakesOneGzipBody(t *testing.T) {
	t.Parallel()
	pieces := []string{"", "a", strings.Repeat("row ", 20_000), "\x00", strings.Repeat("x", 65_536), "ü", strings.Repeat("ab", 3), strings.Repeat("z", 1<<17)}
	for _, order := range [][]int{{}, {0}, {1}, {1, 1}, {2, 0, 1}, {6, 5, 4, 3, 2, 1, 0}, {4, 4, 4, 2}, {7, 0, 7}} {
		p, want := newPress(), ""
		for _, i := range order {
			if i%2 == 0 {
				p.add(compress([]byte(pieces[i])))
			} else {
				p.store([]byte(pieces[i]))
			}
			want += pieces[i]
		}
		r, err := gzip.NewReader(bytes.NewReader(p.finish()))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != want {
			t.Errorf("%v: %d bytes of %d, %v", order, len(got), len(want), err)
		}
	}
}
