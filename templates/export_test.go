package templates

import (
	"html/template"
	"strconv"
	"strings"
	"text/template/parse"
	"time"
)

// Texts is a language's catalogue: key to its forms.
func Texts(tag string) (map[string][]string, error) {
	l, err := loadLanguage(tag, time.UTC)
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for key, m := range l.texts {
		all[key] = []string{m.one, m.other}
	}
	return all, nil
}

// Span, Left, Clock and Date show times as pages do.
func (l *Language) Span(d time.Duration) string    { return l.span(d) }
func (l *Language) Left(now, end time.Time) string { return l.left(now, end) }
func (l *Language) Clock(now, t time.Time) string  { return l.clock(now, t) }
func (l *Language) Date(t time.Time) string        { return l.date(t) }
func (l *Language) Ago(now, t time.Time) string    { return l.ago(now, t) }
func (l *Language) Until(now, t time.Time) string  { return l.until(now, t) }
func (l *Language) Size(n int) string              { return l.size(n) }

// Rich is a text with markup.
func (l *Language) Rich(key string, pairs ...template.HTML) template.HTML {
	return l.rich(key, pairs...)
}

// The functions behind bars and foreign text.
var (
	Life     = life
	Bdi      = bdi
	Visible  = visible
	PageName = Page.template
	Scripts  = scripts
	Fill     = fill
)

// Watch makes every branch of every template tell when it is executed, and
// lists all branches. It must be called before the first page is rendered.
func (l *Language) Watch(seen func(branch string)) (branches []string) {
	l.pages.Funcs(template.FuncMap{"executed": func(b string) string { seen(b); return "" }})
	for _, t := range l.pages.Templates() {
		if _, fixed := l.fixed[t.Name()]; fixed || t.Tree == nil || len(strings.TrimSpace(t.Tree.Root.String())) == 0 {
			continue
		}
		watch(t.Tree.Root, t.Name(), &branches)
	}
	return branches
}

// watch puts a marker in front of a list of nodes and of every list below it.
func watch(list *parse.ListNode, name string, branches *[]string) {
	if list == nil {
		return
	}
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.IfNode:
			below(&n.BranchNode, name, branches)
		case *parse.RangeNode:
			below(&n.BranchNode, name, branches)
		case *parse.WithNode:
			below(&n.BranchNode, name, branches)
		}
	}
	*branches = append(*branches, name)
	// an assignment prints nothing, so the marker fits into any context
	marker, err := parse.Parse("marker", "{{$_ := executed "+strconv.Quote(name)+"}}", "", "", map[string]any{"executed": 0})
	if err != nil {
		panic(err)
	}
	list.Nodes = append([]parse.Node{marker["marker"].Root.Nodes[0]}, list.Nodes...)
}

func below(b *parse.BranchNode, name string, branches *[]string) {
	at := name + " " + b.Pipe.String()
	watch(b.List, at, branches)
	watch(b.ElseList, at+" else", branches)
}
