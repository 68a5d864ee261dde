package web

import (
	"fmt"
	"net/http"
	"strconv"

	"inviter/ticket"
)

// mostCounted is shown as "99+": more digits can't be read in a tab.
const mostCounted = 100

// icon is GET /icon/{n}: the mark with how many wait, for the browser's tab.
// The page's policy allows no images but our own, so it is one.
func (s *Site) icon(w http.ResponseWriter, r *http.Request, _ caller) error {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n > mostCounted {
		return &ticket.Refusal{Code: codeNotFound}
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	mark := `<path d="M5 9h8M5 16h14M5 23h22" fill="none" stroke="#fff" stroke-width="4"/>`
	if n > 0 {
		text, size := strconv.Itoa(n), 22
		if n > 9 {
			size = 18
		}
		if n == mostCounted {
			text, size = "99+", 14
		}
		mark = fmt.Sprintf(`<text x="16" y="%d" font-family="sans-serif" font-weight="700" font-size="%d" text-anchor="middle" fill="#fff">%s</text>`, 16+size*36/100, size, text)
	}
	_, err = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#0a5c69"/>%s</svg>`, mark)
	return err
}
