package config

import (
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

func TestLines(t *testing.T) {
	t.Parallel()
	got, _ := lines(`a = 1 # b = 2
"x.y" = "#"
[ t . u ]
v = [ "]", [1,
 2], {w = 3}]
[[m]]
n = """
o = 1
\""""""
p.q = '''
[r]'''
[[m]]
n = { s = 1, t = { "u" = 2 } }
[m.z]
y = 1979-05-27 07:32:00
`)
	for path, want := range map[string]int{
		"a": 1, "b": 0, "x.y": 2, "t": 3, "t.u": 3, "t.u.v": 4, "t.u.v[2].w": 5, "m": 6, "m[0]": 6, "m[0].n": 7, "o": 0,
		"m[0].p": 10, "m[0].p.q": 10, "r": 0, "m[1]": 12, "m[1].n": 13, "m[1].n.s": 13, "m[1].n.t.u": 13, "m[1].z": 14, "m[1].z.y": 15,
	} {
		if got[path] != want {
			t.Errorf("%s: line %d, want %d", path, got[path], want)
		}
	}
}

func TestTooDeep(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"a = 1\nb = " + strings.Repeat("[", 1000) + strings.Repeat("]", 1000): 2,
		"a = " + strings.Repeat("{a=", 1000) + "1":                            1,
		"\n\n[" + strings.Repeat("a.", 1000) + "b]":                           3,
		strings.Repeat("a.", 10) + "a = [[[[[[[[[[]]]]]]]]]]":                 0,
	} {
		if _, deep := lines(text); deep != want {
			t.Errorf("%.20q…: too deep in line %d, want %d", text, deep, want)
		}
	}
}

// Of every text that the TOML library takes, every key it saw has a line.
func FuzzLines(f *testing.F) {
	f.Add("a = 1\n[b]\nc = '''\n'''\n[[d]]\ne = {f = [1, {g = 2}]}\n[[d]]\n[d.h]\n")
	f.Add("a.b.c = \"\"\"\\\n \"\" \"\"\"\n\"\\u0041\" = 'x' # y\r\n")
	f.Add("[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[a.b]]\nc=1")
	f.Fuzz(func(t *testing.T, text string) {
		found, deep := lines(text)
		var tree map[string]any
		if deep > 0 {
			return
		}
		if _, err := toml.Decode(text, &tree); err != nil {
			return
		}
		all(tree, "", func(path string) {
			if found[path] == 0 {
				t.Errorf("%q: no line for %q in %v", text, path, found)
			}
		})
	})
}

// all names the path of every key that lines should know.
func all(value any, path string, name func(string)) {
	if tree, ok := value.(map[string]any); ok {
		for key, below := range tree {
			name(join(path, key))
			all(below, join(path, key), name)
		}
	}
	if trees, ok := tables(value); ok {
		for i, tree := range trees {
			all(tree, path+index(i), name)
		}
	}
}
