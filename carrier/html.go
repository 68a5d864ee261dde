package carrier

import (
	"html"
	"strings"
)

// htmlText is the text of an HTML page: no tags, scripts or styles, line
// breaks where blocks end. It follows what mail programs write, not the
// standard's every corner.
func htmlText(page string) string {
	var b strings.Builder
	open := map[string]bool{} // elements whose end tag is missing
	for page != "" {
		i := strings.IndexByte(page, '<')
		if i < 0 {
			i = len(page)
		}
		if i > 0 {
			b.WriteString(html.UnescapeString(sourceBreaks.Replace(page[:i])))
		}
		page = page[i:]
		if page == "" {
			break
		}
		name, rest := cutTag(page)
		switch name {
		case "":
			b.WriteString(page[:len(page)-len(rest)])
		case "script", "style", "title":
			if open[name] {
				break
			}
			if after, ok := behind(rest, name); ok {
				rest = after
			} else {
				open[name] = true
			}
		case "br", "p", "/p", "div", "/div", "tr", "/tr", "li", "/li", "table", "/table", "blockquote", "pre", "/pre",
			"h1", "h2", "h3", "h4", "h5", "h6", "/h1", "/h2", "/h3", "/h4", "/h5", "/h6":
			b.WriteByte('\n')
		case "td", "th":
			b.WriteByte(' ')
		}
		page = rest
	}
	return b.String()
}

// sourceBreaks are the source's own line breaks, which mean a blank.
var sourceBreaks = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ")

// cutTag takes the tag or comment at the beginning. The name is "" where the
// "<" begins none, and then the rest is what follows that character.
func cutTag(page string) (name, rest string) {
	if strings.HasPrefix(page, "<!--") {
		if _, rest, ok := strings.Cut(page, "-->"); ok {
			return "!--", rest
		}
		return "!--", ""
	}
	n := 1
	for n < len(page) && n < 16 && (page[n] == '/' && n == 1 || page[n] == '!' && n == 1 || page[n] == '?' && n == 1 ||
		page[n] >= 'a' && page[n] <= 'z' || page[n] >= 'A' && page[n] <= 'Z' || page[n] >= '0' && page[n] <= '9') {
		n++
	}
	if n == 1 {
		for n < len(page)-1 && page[n] == '<' && page[n+1] == '<' {
			n++
		}
		return "", page[n:]
	}
	_, rest, ok := strings.Cut(page[n:], ">")
	if !ok {
		return "!--", ""
	}
	return strings.ToLower(page[1:n]), rest
}

// behind is what follows an element's end tag.
func behind(page, name string) (rest string, ok bool) {
	for at := 0; ; {
		i := strings.Index(page[at:], "</")
		if i < 0 {
			return "", false
		}
		at += i + 2
		if len(page)-at >= len(name) && strings.EqualFold(page[at:at+len(name)], name) {
			_, rest, ok := strings.Cut(page[at:], ">")
			return rest, ok
		}
	}
}
