package e2e_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// formClient is a browser that knows no JavaScript: it posts forms and follows.
type formClient struct {
	http.Client
	person *person
	origin string
}

func (h *helpdesk) formClient(name string) *formClient {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	c := &formClient{Client: http.Client{Jar: jar}, origin: h.url}
	token := strings.TrimSpace(h.must("inviter", "technician", "token", name))
	c.person = &person{h.t, h.url, token}
	c.post(h.t, h.url+"/login", map[string]string{"name": name, "password": passwordOf(name)})
	return c
}

// post sends a form as a page of ours would, and wants a page in the end.
func (c *formClient) post(t testing.TB, to string, form map[string]string) {
	t.Helper()
	values := url.Values{}
	for k, v := range form {
		values.Set(k, v)
	}
	req, err := http.NewRequest(http.MethodPost, to, strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", c.origin)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("POST %s ends with %s at %s", to, resp.Status, resp.Request.URL)
	}
}
