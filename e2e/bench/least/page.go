package main

import (
	"compress/gzip"
	"html/template"
	"io"
	"net/http"
	"sync"
)

// page is bytes that somebody gave us, sent as they are.
type page struct {
	mu   sync.Mutex
	body []byte
}

func (p *page) put(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.body = body
}

func (p *page) get(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	body := p.body
	p.mu.Unlock()
	compressed(w)
	_, _ = w.Write(body)
}

func compressed(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Encoding", "gzip")
}

// row is what the plain way of making such a page fills into its template.
type row struct {
	ID                        int
	Name, Address, Note, From string
}

var rows = template.Must(template.New("queue").Parse(`<!DOCTYPE html><title>Queue</title><ol>{{range .}}
<li id="t{{.ID}}" class="row"><b>{{.ID}}</b> <a href="/tickets/{{.ID}}">{{.Name}}</a> <a href="mailto:{{.Address}}">{{.Address}}</a>
<p>{{.Note}}</p> <span>{{.From}}</span> <form method="post" action="/tickets/{{.ID}}/claim"><button>Claim</button></form></li>{{end}}</ol>`))

// template makes a page of 1,000 rows for each request, as people do who have
// not measured it: html/template, and gzip at its fastest.
func (p *page) template(w http.ResponseWriter, _ *http.Request) {
	list := make([]row, 1000)
	for i := range list {
		list[i] = row{i, "Jane Doe", "jane@example.org", "The printer does not print.", "mailbox:helpdesk"}
	}
	compressed(w)
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err == nil {
		err = rows.Execute(z, list)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
