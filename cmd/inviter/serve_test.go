package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/cmd/internal/program/programtest"
)

// The main thing: a file dropped on the share becomes a ticket, one of two
// technicians holds it, the other hears who; after the end nobody can.
func TestServeTheWholeWay(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	_, address := o.serve(t)
	ada, grace := o.api(t, address, "ada"), o.api(t, address, "grace")
	file := o.drop(t, "jane", 1)
	id := ada.waiting(t, 1)[0]

	var both [2]answer
	var race sync.WaitGroup
	for i, who := range []api{ada, grace} {
		race.Go(func() { both[i] = who.do(t, "POST", fmt.Sprintf("/tickets/%d/claim", id), "") })
	}
	race.Wait()
	holder, other, won, lost := ada, grace, both[0], both[1]
	if both[1].Status == http.StatusOK {
		holder, other, won, lost = grace, ada, both[1], both[0]
	}
	if won.Status != http.StatusOK || lost.Status != http.StatusConflict || lost.Code != "taken" || lost.Holder == "" {
		t.Fatalf("claims: %d %d %s %s", won.Status, lost.Status, lost.Code, lost.Holder)
	}
	claim := fmt.Sprintf(`{"claim":%d}`, won.Claim.Number)
	got := holder.do(t, "POST", fmt.Sprintf("/tickets/%d/invitation", id), claim)
	if got.Status != http.StatusOK || !bytes.Equal(got.Body, file) {
		t.Errorf("the file: %d, %d bytes, want %d", got.Status, len(got.Body), len(file))
	}
	if got := other.do(t, "POST", fmt.Sprintf("/tickets/%d/invitation", id), claim); got.Code != "not-holder" {
		t.Errorf("the file for the other: %d %s", got.Status, got.Code)
	}
	end := fmt.Sprintf(`{"claim":%d,"outcome":"solved"}`, won.Claim.Number)
	if got := holder.do(t, "POST", fmt.Sprintf("/tickets/%d/close", id), end); got.State != "closed" {
		t.Errorf("close: %d %s", got.Status, got.State)
	}
	if got := other.do(t, "POST", fmt.Sprintf("/tickets/%d/claim", id), ""); got.Status != http.StatusGone || got.Code != "closed" {
		t.Errorf("claim after the end: %d %s", got.Status, got.Code)
	}
	if _, err := os.Stat(filepath.Join(o.share, "jane.msrcIncident")); !os.IsNotExist(err) {
		t.Errorf("the file still lies on the share: %v", err)
	}
}

func TestServeEndsAndGoesOn(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	server, address := o.serve(t)
	ada := o.api(t, address, "ada")
	programtest.Until(t, "ready", func() bool { return status(address+"/readyz") == http.StatusOK })
	o.drop(t, "jane", 1)
	ids := ada.waiting(t, 1)
	stream := openStream(t, ada)
	defer stream.Body.Close()
	began := time.Now()
	r := server.Stop(t)
	if r.Code != 0 || time.Since(began) > 8*time.Second || !strings.Contains(r.Err, "msg=ended\n") {
		t.Errorf("exit %d after %v\n%s", r.Code, time.Since(began), r.Err)
	}
	if strings.Contains(r.Err, "level=ERROR") || strings.Contains(r.Err, "level=WARN") {
		t.Errorf("complains:\n%s", r.Err)
	}
	_, ada.url = o.serve(t)
	ada.url += "/api/v1"
	if again := ada.waiting(t, 1); again[0] != ids[0] || len(again) != 1 {
		t.Errorf("tickets %v became %v", ids, again)
	}
}

// openStream keeps a stream of events open, as pages do all day.
func openStream(t *testing.T, a api) *http.Response {
	t.Helper()
	q, err := http.NewRequest("GET", a.url+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+a.token)
	r, err := http.DefaultClient.Do(q)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("stream: %v %v", r, err)
	}
	return r
}

func status(url string) int {
	r, err := http.Get(url)
	if err != nil {
		return 0
	}
	r.Body.Close()
	return r.StatusCode
}

func TestSecondServeIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	server, _ := o.serve(t)
	r := inviter.Do(t, "serve", "--config", o.config)
	if r.Code != 1 || strings.Count(r.Err, "\n") != 1 || !strings.Contains(r.Err, "another inviter serves") {
		t.Errorf("exit %d: %s", r.Code, r.Err)
	}
	server.Stop(t)
	o.serve(t) // the place is free again
}

func TestServeRefusesWhatItCantUse(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	_, address := o.serve(t)
	taken := newOffice(t, "", "")
	text, err := os.ReadFile(taken.config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, taken.config, strings.Replace(string(text), "127.0.0.1:0", strings.TrimPrefix(address, "http://"), 1))
	if r := inviter.Do(t, "serve", "--config", taken.config); r.Code != 1 || !strings.Contains(r.Err, "set web.listen to another address") {
		t.Errorf("an address in use: exit %d: %s", r.Code, r.Err)
	}
	pem := filepath.Join(o.dir, "no.pem")
	write(t, pem, "no certificate")
	secure := newOffice(t, "tls_cert = '"+pem+"'\ntls_key = '"+pem+"'\n", "")
	if r := inviter.Do(t, "serve", "--config", secure.config); r.Code != 1 || !strings.Contains(r.Err, "web.tls_cert and web.tls_key") {
		t.Errorf("a bad certificate: exit %d: %s", r.Code, r.Err)
	}
}

// A server that watches nothing says so to monitors; a look that is wished for
// is passed on to whichever program watches, and one that starts looks anyway.
func TestNoWatch(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	_, address := o.serve(t, "--no-watch", "--log-format=text")
	ada := o.api(t, address, "ada")
	if got := ada.do(t, "POST", "/sources/share:drop/scan", ""); got.Status != http.StatusAccepted {
		t.Errorf("scan: %d %s", got.Status, got.Code)
	}
	if got := status(address + "/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("ready although nobody watches: %d", got)
	}
}

func TestScanNow(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	_, address := o.serve(t)
	ada := o.api(t, address, "ada")
	if got := ada.do(t, "POST", "/sources/share:drop/scan", ""); got.Status != http.StatusAccepted {
		t.Errorf("scan: %d %s", got.Status, got.Code)
	}
	if got := ada.do(t, "POST", "/sources/share:other/scan", ""); got.Status != http.StatusNotFound {
		t.Errorf("scan of none: %d %s", got.Status, got.Code)
	}
}

func TestIntakeToken(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	_, address := o.serve(t, "--log-format", "text")
	bridge := api{address + "/api/v1", strings.TrimSpace(inviter.Must(t, "intake-token", "bridge", "--config", o.config))}
	file := o.drop(t, "jane", 1)
	o.api(t, address, "ada").waiting(t, 1)
	if got := bridge.do(t, "POST", "/tickets", string(file)); got.Status != http.StatusOK || got.State != "waiting" {
		t.Errorf("the same again: %d %s %s", got.Status, got.State, got.Body)
	}
	if got := bridge.do(t, "GET", "/tickets", ""); got.Status != http.StatusForbidden {
		t.Errorf("the list: %d", got.Status)
	}
}

func TestJSONLog(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	r := inviter.Start(t, "serve", "--log-format", "json", "--config", o.config)
	r.Err.Await(t, `"msg":"serving","url":"`)
	for line := range strings.Lines(r.Stop(t).Err) {
		if !strings.HasPrefix(line, `{"time":"`) || !strings.Contains(line, `Z","level":"`) {
			t.Errorf("line %s", line)
		}
	}
}
