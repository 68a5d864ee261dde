// Package templates holds the pages: html/template files, their texts in every
// language, one stylesheet and one script, all embedded, and one typed struct
// for each page. It knows no HTTP and does no I/O at run time.
//
// A page is rendered whole or not at all, so a fault never leaves half a page
// behind. Whatever a user controls is escaped by its context and set apart in
// its own writing direction (the bdi function).
//
// The script is our own, without a framework, a file of under 80 lines for each
// of its few subjects: every action is a plain form first, and the script only
// sends it in the background and merges the answer. htmx was considered; what
// the page needs beyond it (rows that stay under the pointer, kept input, an
// honest live sign, being told) is most of the script anyway.
package templates

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"golang.org/x/text/language"
)

//go:embed page/*.html
var pageFiles embed.FS

// Set is every page in every language.
type Set struct {
	languages []*Language // the first is what an unknown reader gets
	matcher   language.Matcher
	assets    Assets
}

// New parses all pages. Times are shown in zone; standard is the language of
// readers whose browser doesn't say, "en" or "de".
func New(zone *time.Location, standard string) (*Set, error) {
	s := &Set{assets: loadAssets()}
	order, err := languageOrder(standard)
	if err != nil {
		return nil, err
	}
	tags := make([]language.Tag, 0, len(order))
	for _, tag := range order {
		l, err := s.load(tag, zone)
		if err != nil {
			return nil, fmt.Errorf("language %s: %w", tag, err)
		}
		s.languages = append(s.languages, l)
		tags = append(tags, l.tag)
	}
	s.matcher = language.NewMatcher(tags)
	return s, nil
}

func (s *Set) load(tag string, zone *time.Location) (*Language, error) {
	l, err := loadLanguage(tag, zone)
	if err != nil {
		return nil, err
	}
	l.pages, err = template.New("").Funcs(l.funcs(s.assets)).ParseFS(pageFiles, "page/*.html")
	if err != nil {
		return nil, err
	}
	if err := l.fix(); err != nil {
		return nil, err
	}
	return l, l.loadMails()
}

// fix renders once what is the same on every page: half of what a page says is.
func (l *Language) fix() error {
	l.fixed = map[string]template.HTML{}
	for _, name := range []string{"words", "keys", "told"} {
		var b strings.Builder
		if err := l.pages.ExecuteTemplate(&b, name, nil); err != nil {
			return err
		}
		l.fixed[name] = template.HTML(b.String())
	}
	return nil
}

// fixedPart is one of these, for a page.
func (l *Language) fixedPart(name string) (template.HTML, error) {
	part, ok := l.fixed[name]
	if !ok {
		return "", fmt.Errorf("no part %s is fixed", name)
	}
	return part, nil
}

// Assets are the stylesheet, the script and the icon, by their path.
func (s *Set) Assets() Assets { return s.assets }

// Match picks a language: the chosen one if we have it, else the best of an
// Accept-Language header.
func (s *Set) Match(chosen, accept string) *Language {
	for _, l := range s.languages {
		if l.Tag() == chosen {
			return l
		}
	}
	tags, _, err := language.ParseAcceptLanguage(bounded(accept))
	if err != nil || len(tags) == 0 {
		return s.languages[0]
	}
	_, i, _ := s.matcher.Match(tags...)
	return s.languages[i]
}

// bounded cuts what a browser would never send.
func bounded(header string) string {
	const most = 200
	if len(header) > most {
		return header[:most]
	}
	return header
}

// slot stands in a page where rows go that are rendered by themselves. No text
// of a user's can hold it: the functions that show foreign text replace it.
const slot = "\x00"

// Render writes p whole, or returns an error and writes nothing. Its slots are
// left empty.
func (l *Language) Render(w io.Writer, p Page) error {
	b, err := l.whole(p)
	if err != nil {
		return err
	}
	_, err = w.Write(bytes.ReplaceAll(b, []byte(slot), nil))
	return err
}

// Around renders a page in the two parts around its slot; after is empty where
// the page has none.
func (l *Language) Around(p Page) (before, after []byte, err error) {
	b, err := l.whole(p)
	if err != nil {
		return nil, nil, err
	}
	before, after, _ = bytes.Cut(b, []byte(slot))
	return before[:len(before):len(before)], after, nil
}

// Pieces renders a page in the parts around all of its slots.
func (l *Language) Pieces(p Page) ([][]byte, error) {
	b, err := l.whole(p)
	if err != nil {
		return nil, err
	}
	return bytes.Split(b, []byte(slot)), nil
}

func (l *Language) whole(p Page) ([]byte, error) {
	var b bytes.Buffer
	if err := l.pages.ExecuteTemplate(&b, p.template(), p); err != nil {
		return nil, fmt.Errorf("page %s: %w", p.template(), err)
	}
	return b.Bytes(), nil
}
