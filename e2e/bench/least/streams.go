package main

import (
	"net"
	"net/http"
	"strings"
	"sync"
)

// streams are open connections that are told of changes by one loop that
// writes to each.
type streams struct {
	mu    sync.Mutex
	conns []net.Conn
	frame []byte
}

// newStreams sends so many bytes for each change.
func newStreams(size int) *streams {
	const head, end = "id: 1\nevent: ticket\ndata: ", "\n\n"
	return &streams{frame: []byte(head + strings.Repeat("x", max(0, size-len(head)-len(end))) + end)}
}

// open takes the connection away from the HTTP server, which then holds nothing
// for it any more.
func (s *streams) open(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n: here\n\n")); err != nil {
		conn.Close()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, conn)
}

func (s *streams) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	open := s.conns[:0]
	for _, c := range s.conns {
		if _, err := c.Write(s.frame); err != nil {
			c.Close()
			continue
		}
		open = append(open, c)
	}
	s.conns = open
}
