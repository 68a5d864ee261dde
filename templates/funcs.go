package templates

import (
	"html/template"
	"strconv"
	"strings"
	"time"
)

// funcs are what the pages can say, in this language.
func (l *Language) funcs(a Assets) template.FuncMap {
	return template.FuncMap{
		// texts
		"t":    l.Text,
		"n":    l.Count,
		"rich": l.rich,
		"bdi":  bdi,
		"see":  visible,
		"lang": l.Tag,
		// times
		"span":    func(from, to time.Time) string { return l.span(to.Sub(from)) },
		"since":   l.since,
		"left":    l.left,
		"ago":     l.ago,
		"until":   l.until,
		"soon":    func(d time.Duration) string { return l.until(time.Time{}, time.Time{}.Add(d)) },
		"clock":   l.at,
		"hour":    l.clock,
		"lasted":  l.span,
		"took":    l.took,
		"lived":   lived,
		"day":     func(t time.Time) string { return t.Format(time.DateOnly) },
		"percent": l.percent,
		"date":    l.date,
		"zone":    l.zoneName,
		"iana":    l.iana,
		"ms":      func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) },
		// the ruler
		"life":  life,
		"share": share,
		"size":  l.size,
		// where rows go that are rendered by themselves
		"slot":  func() template.HTML { return slot },
		"fixed": l.fixedPart,
		// users' pages
		"statusTitle":  func(p StatusPage) string { return p.Title(l) },
		"supportTitle": func(p SupportPage) string { return p.Title(l) },
		"before":       func(place int) int { return place - 1 },
		// the page's files
		"asset":     a.need,
		"integrity": a.integrity,
		// what users sent
		"worded": worded,
	}
}

// size is a number of bytes in words: "6.1 KB".
func (l *Language) size(bytes int) string {
	if bytes < 1024 {
		return strconv.Itoa(bytes) + " B"
	}
	return l.decimal(float64(bytes)/1024) + " KB"
}

// decimal is a number with one decimal.
func (l *Language) decimal(n float64) string {
	return strings.Replace(strconv.FormatFloat(n, 'f', 1, 64), ".", l.Text("number.point"), 1)
}
