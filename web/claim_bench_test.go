package web_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"inviter/ticket"
)

// BenchmarkClaim is 64 technicians who claim one ticket after another through
// the API; its profile tells what a claim costs beyond its commit.
func BenchmarkClaim(b *testing.B) {
	h := build(b)
	for range b.N {
		h.arrives()
	}
	token := h.hire("ada", ticket.RoleTechnician)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64}}
	claim := func(id int) {
		r, err := http.NewRequest("POST", fmt.Sprintf("%s/api/v1/tickets/%d/claim", h.server.URL, id), nil)
		check(b, err)
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := client.Do(r)
		check(b, err)
		_, err = io.Copy(io.Discard, resp.Body) // else the connection can't be used again
		check(b, err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			b.Error(resp.Status)
		}
	}
	b.ResetTimer()
	ids := make(chan int)
	done := make(chan bool)
	for range 64 {
		go func() {
			for id := range ids {
				claim(id)
			}
			done <- true
		}()
	}
	for i := range b.N {
		ids <- i + 1
	}
	close(ids)
	for range 64 {
		<-done
	}
}
