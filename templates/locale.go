package templates

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	plain "text/template"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed locale/*.json
var localeFiles embed.FS

// Languages lists what pages can be read in, the most common first.
func Languages() []string { return []string{"en", "de"} }

// Language is one language: its texts, its way to write times, and all pages in it.
type Language struct {
	tag   language.Tag
	zone  *time.Location
	texts map[string]message
	pages *template.Template
	fixed map[string]template.HTML // parts that are the same on every page

	letters *template.Template // mails
	plain   *plain.Template
}

// message is one text; other alone, or one for exactly one and other for the rest.
type message struct{ one, other string }

// UnmarshalJSON reads "text" or {"one": "text", "other": "text"}.
func (m *message) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &m.other)
	}
	var forms struct{ One, Other string }
	err := json.Unmarshal(b, &forms)
	m.one, m.other = forms.One, forms.Other
	return err
}

func languageOrder(standard string) ([]string, error) {
	order := []string{standard}
	found := false
	for _, l := range Languages() {
		if l == standard {
			found = true
			continue
		}
		order = append(order, l)
	}
	if !found {
		return nil, fmt.Errorf("no language %q, there are %s", standard, strings.Join(Languages(), ", "))
	}
	return order, nil
}

func loadLanguage(tag string, zone *time.Location) (*Language, error) {
	b, err := localeFiles.ReadFile("locale/" + tag + ".json")
	if err != nil {
		return nil, err
	}
	l := &Language{tag: language.MustParse(tag), zone: zone}
	if err := json.Unmarshal(b, &l.texts); err != nil {
		return nil, err
	}
	return l, nil
}

// Tag is the language's name, "en".
func (l *Language) Tag() string { return l.tag.String() }

// Text is the text of a key, with {name} placeholders filled from pairs of name
// and value. A key that isn't there shows itself; a test keeps that from happening.
func (l *Language) Text(key string, pairs ...string) string {
	return fill(l.message(key).other, pairs)
}

// Count is the text of a key for n of something; {n} is the number.
func (l *Language) Count(key string, n int, pairs ...string) string {
	m := l.message(key)
	text := m.other
	if m.one != "" && plural.Cardinal.MatchPlural(l.tag, n, 0, 0, 0, 0) == plural.One {
		text = m.one
	}
	return fill(text, append([]string{"n", strconv.Itoa(n)}, pairs...))
}

// Has tells whether there is a text for key.
func (l *Language) Has(key string) bool {
	_, ok := l.texts[key]
	return ok
}

func (l *Language) message(key string) message {
	if m, ok := l.texts[key]; ok {
		return m
	}
	return message{other: key}
}

// fill replaces {name} by its value, in one pass: values are never looked into.
func fill(text string, pairs []string) string {
	if len(pairs) == 0 {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if value, known := named(name, pairs); closed && known {
			b.WriteString(value)
			text = after
			continue
		}
		b.WriteByte('{')
		text = rest
	}
}

// named is the value of a name among pairs of them; the first counts.
func named(name string, pairs []string) (string, bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1], true
		}
	}
	return "", false
}
