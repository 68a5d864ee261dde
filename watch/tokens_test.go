package watch_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"inviter/config"
	"inviter/ticket/sourcetest"
	"inviter/watch"
)

// safe is a drawer with a label.
type safe map[string]string

func (s safe) Change(_ context.Context, name string, change func(string) (string, error)) error {
	now, err := change(s[name])
	if err == nil {
		s[name] = now
	}
	return err
}

// A configured log-in by token asks the token server, and keeps what that gives.
func TestTokensAsConfigured(t *testing.T) {
	t.Parallel()
	asked := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		asked = r.PostForm.Encode()
		fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":"3600","refresh_token":"next"}`)
	}))
	defer s.Close()
	c, err := config.Parse("x", `
[[mailbox]]
name = "desk"
url = "imap://help@127.0.0.1:1/INBOX"
[mailbox.oauth2]
token_url = "`+s.URL+`"
client_id = "inviter"
client_secret_env = "S"
refresh_token_env = "R"
scopes = ["imap"]
`, func(name string) (string, bool) { return "the " + name, true })
	if err != nil {
		t.Fatal(err)
	}
	kept := safe{}
	check := func(m watch.Means) []watch.Finding {
		m.Ledger, m.Clock = sourcetest.NewRecorder(time.Now), time.Now
		return watch.Open(c, m)[0].Check(t.Context())
	}
	if found := check(watch.Means{}); len(found) != 1 || found[0].What != "token" || asked != "" {
		t.Errorf("without a store: %+v, asked %q", found, asked)
	}
	found := check(watch.Means{Safe: kept})
	if len(found) != 2 || found[0].What != "token" || found[0].Err != nil || found[1].Err == nil {
		t.Errorf("check: %+v", found)
	}
	if want := "client_id=inviter&client_secret=the+S&grant_type=refresh_token&refresh_token=the+R&scope=imap"; asked != want {
		t.Errorf("asked %q", asked)
	}
	if kept["mailbox:desk"] == "" {
		t.Error("the next refresh token was not kept")
	}
}
