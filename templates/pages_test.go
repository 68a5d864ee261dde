package templates_test

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"inviter/templates"
)

// TestEveryBranchIsExecuted renders the samples in both languages: every branch
// of every template, so that no field is missing and no text mistyped.
func TestEveryBranchIsExecuted(t *testing.T) {
	t.Parallel()
	for _, tag := range templates.Languages() {
		l := language(t, tag)
		seen := map[string]bool{}
		branches := l.Watch(func(b string) { seen[b] = true })
		for _, p := range samples("Jane Doe") {
			if err := l.Render(io.Discard, p); err != nil {
				t.Error(err)
			}
		}
		if len(branches) < 150 {
			t.Errorf("only %d branches are watched", len(branches))
		}
		for _, b := range branches {
			if !seen[b] && !strings.HasSuffix(b, ".html") {
				t.Errorf("%s: never executed: %s", tag, b)
			}
		}
	}
}

// nasty is what users write into every field they control.
func nasty() []string {
	return []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `{{.}}`, `*bold*`, `{who}`,
		"\u202eevil\u202c", "a\x00b\x1b[31m", strings.Repeat("W", 200), strings.Repeat("a b ", 500), "علياء بنت سلطان المنصوري", "]]>", "<!--", "</title>", "\u2028", "&lt;b&gt;",
		"\ufeff", "\xff\xfe", "𝕹𝖆𝖘𝖙𝖞", "e\u0301\u0301\u0301", "%00%0d%0aSet-Cookie:x", `\u003cscript\u003e`,
	}
}

// TestPagesHoldAgainstNastyText renders everything with text that means harm,
// and finds it as text: no element, attribute or address comes from it.
func TestPagesHoldAgainstNastyText(t *testing.T) {
	t.Parallel()
	for _, tag := range templates.Languages() {
		l := language(t, tag)
		shape := func(p templates.Page) string {
			var b bytes.Buffer
			if err := l.Render(&b, p); err != nil {
				t.Fatal(err)
			}
			return skeleton(t, b.String())
		}
		var harmless []string
		for _, p := range samples("x") {
			harmless = append(harmless, shape(p))
		}
		for i, foreign := range nasty() {
			for j, p := range samples(foreign) {
				if got, want := shape(p), harmless[j]; got != want {
					t.Errorf("%s, nasty %d: the page changed its shape\n%s", tag, i, firstDifference(want, got))
				}
			}
		}
	}
}

// The pages' own tags: attributes are always quoted with ".
var (
	tagPattern  = regexp.MustCompile(`<(!--|!?/?[a-zA-Z][^\s/>"]*)((?:[^>"]|"[^"]*")*)>`)
	attrPattern = regexp.MustCompile(`([^\s="<>/]+)(?:="([^"]*)")?`)
)

// skeleton is a page's elements with the names of their attributes.
func skeleton(t *testing.T, page string) string {
	t.Helper()
	var b strings.Builder
	for _, tag := range tagPattern.FindAllStringSubmatch(page, -1) {
		b.WriteString(tag[1])
		for _, a := range attrPattern.FindAllStringSubmatch(tag[2], -1) {
			b.WriteString(" " + a[1])
			if strings.HasPrefix(strings.ToLower(strings.TrimSpace(a[2])), "javascript") && a[1] == "href" {
				t.Errorf("an address is a script: %s", a[2])
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d: %s, want %s", i, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d elements, want %d", len(g), len(w))
}

// TestPagesKeepTheStrictPolicy: nothing inline, nothing from elsewhere.
func TestPagesKeepTheStrictPolicy(t *testing.T) {
	t.Parallel()
	l := language(t, "de")
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son\w+=|<script(>|[^>]*[^"]>[^<])|(src|href)="(https?:)?//`)
	for _, p := range samples("Jane Doe") {
		var b bytes.Buffer
		if err := l.Render(&b, p); err != nil {
			t.Fatal(err)
		}
		if found := inline.FindString(b.String()); found != "" {
			t.Errorf("%T has %q", p, found)
		}
	}
}

// TestEveryKeyIsShown: a key that shows itself is one that no catalogue has.
func TestEveryKeyIsShown(t *testing.T) {
	t.Parallel()
	key := regexp.MustCompile(`>[^<]*\b(` + strings.Join(groups(t), "|") + `)\.[a-z][a-z.-]+[^<]*<`)
	for _, tag := range templates.Languages() {
		l := language(t, tag)
		for _, p := range samples("Jane Doe") {
			var b bytes.Buffer
			if err := l.Render(&b, p); err != nil {
				t.Fatal(err)
			}
			if found := key.FindString(b.String()); found != "" {
				t.Errorf("%s, %T shows a key: %s", tag, p, found)
			}
		}
	}
}

// groups are the first words of all keys.
func groups(t *testing.T) []string {
	var list []string
	for key := range texts(t, "en") {
		group, _, _ := strings.Cut(key, ".")
		list = append(list, group)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// TestEveryPageHasASample keeps the samples complete when a page is added.
func TestEveryPageHasASample(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range samples("") {
		seen[templates.PageName(p)] = true
	}
	for _, want := range []string{"queue", "part", "ticket", "history", "reports", "sources", "login", "link", "sorry", "support", "code", "links"} {
		if !seen[want] {
			t.Errorf("no sample of %s", want)
		}
	}
}
