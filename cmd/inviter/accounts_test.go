package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"inviter/cmd/internal/program/programtest"
	"inviter/e2e/private"
)

// browser is a person at the pages of one server, without script.
type browser struct {
	t    *testing.T
	url  string
	http *http.Client
}

func newBrowser(t *testing.T, at string) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return browser{t, at, &http.Client{Jar: jar}}
}

// arrives logs in by a link.
func arrives(t *testing.T, at, link string) browser {
	t.Helper()
	b := newBrowser(t, at)
	_, secret, _ := strings.Cut(strings.TrimSpace(link), "/login/link/")
	b.post(200, "/login/link", "secret", secret)
	return b
}

func (b browser) read(r *http.Response, err error, want int) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	page, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != want {
		b.t.Fatalf("%s %s: %d, want %d (%v)\n%s", r.Request.Method, r.Request.URL, r.StatusCode, want, err, page)
	}
	return string(page)
}

func (b browser) get(want int, path string) string {
	b.t.Helper()
	r, err := b.http.Get(b.url + path)
	return b.read(r, err, want)
}

func (b browser) post(want int, path string, fields ...string) string {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r, err := b.http.PostForm(b.url+path, form)
	return b.read(r, err, want)
}

// shown finds a secret that a page shows once.
func (b browser) shown(page, pattern string) string {
	b.t.Helper()
	found := regexp.MustCompile(`<code tabindex="0">(` + pattern + `)</code>`).FindStringSubmatch(page)
	if found == nil {
		b.t.Fatalf("no %s in\n%s", pattern, page)
	}
	return found[1]
}

func TestAnAdminManagesAccounts(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	o.drop(t, "jane", 1)
	r, at := o.serve(t)
	admin := arrives(t, at, r.Out.Await(t, "within 24 hours:\n"))

	page := admin.post(200, "/accounts", "name", "ada", "role", "technician")
	ada := arrives(t, at, admin.shown(page, `http://\S+/login/link/[a-z2-7]+`))
	if page = admin.post(422, "/accounts", "name", "ADA", "role", "lead"); !strings.Contains(page, "already") || !strings.Contains(page, `value="ADA"`) {
		t.Errorf("a name that is taken:\n%s", page)
	}
	admin.post(400, "/accounts", "name", "boss", "role", "boss")
	ada.get(403, "/accounts")
	ada.get(403, "/accounts/admin")
	ada.post(403, "/accounts/ada/role", "role", "admin")
	if page = ada.get(200, "/accounts/ada"); strings.Contains(page, "/accounts/ada/role") || !strings.Contains(page, "/accounts/ada/password") {
		t.Errorf("one's own page:\n%s", page)
	}

	token := ada.shown(ada.post(200, "/accounts/ada/token"), `inv_[a-z2-7]+`)
	program := api{at + "/api/v1", token}
	id := program.waiting(t, 1)[0]
	if a := program.do(t, "POST", "/tickets/1/claim", ""); a.Status != 200 {
		t.Fatalf("claim by the new token: %d", a.Status)
	}
	admin.post(200, "/accounts/ada/role", "role", "viewer")
	if a := program.do(t, "GET", "/tickets/1", ""); a.Status != 200 || a.State != "waiting" {
		t.Errorf("a viewer still holds ticket %d: %d %s", id, a.Status, a.State)
	}
	if a := program.do(t, "POST", "/tickets/1/claim", ""); a.Status != 403 {
		t.Errorf("a viewer claims: %d", a.Status)
	}
	admin.post(200, "/accounts/ada/role", "role", "technician")
	program.do(t, "POST", "/tickets/1/claim", "")
	admin.post(200, "/accounts/ada/disable")
	if a := program.do(t, "GET", "/tickets", ""); a.Status != 401 {
		t.Errorf("the token of a disabled account: %d", a.Status)
	}
	if page = admin.get(200, "/tickets/1"); !strings.Contains(page, "works on no tickets any more") {
		t.Errorf("the trail doesn't say why the ticket is back:\n%s", page)
	}
	if page = ada.get(200, "/"); !strings.Contains(page, `name="password"`) {
		t.Error("a disabled account is still in")
	}
	if page = admin.post(200, "/accounts/ada/enable"); !strings.Contains(page, "/accounts/ada/disable") {
		t.Errorf("enabled again:\n%s", page)
	}
	admin.post(400, "/accounts/admin/disable")
	admin.post(400, "/accounts/admin/role", "role", "viewer")
	admin.get(404, "/accounts/nobody")
}

func TestOnesOwnSessionsAndPassword(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	_, at := o.serve(t)
	link := inviter.Must(t, "technician", "add", "ada", "--config", o.config)
	here := arrives(t, at, link)
	there := arrives(t, at, inviter.Must(t, "technician", "link", "ada", "--config", o.config))
	keys := func(b browser) [][]string {
		return regexp.MustCompile(`name="id" value="(\d+)"`).FindAllStringSubmatch(b.get(200, "/accounts/ada"), -1)
	}
	all := keys(there)
	if len(all) != 2 {
		t.Fatalf("%d sessions, want 2", len(all))
	}
	there.post(200, "/accounts/ada/revoke", "id", all[1][1]) // the older one
	if page := here.get(200, "/"); !strings.Contains(page, `name="password"`) {
		t.Error("the ended session still opens")
	}
	here = arrives(t, at, inviter.Must(t, "technician", "link", "ada", "--config", o.config))
	if page := there.post(422, "/accounts/ada/password", "password", "short"); !strings.Contains(page, "at least 8 characters") {
		t.Errorf("a short password:\n%s", page)
	}
	there.post(200, "/accounts/ada/password", "password", "correct horse")
	if len(keys(there)) != 1 {
		t.Error("whoever sets a password is signed out")
	}
	if page := here.get(200, "/"); !strings.Contains(page, `name="password"`) {
		t.Error("a new password leaves the other sessions in")
	}
	if page := here.post(200, "/login", "name", "ada", "password", "correct horse"); !strings.Contains(page, "<bdi>ada</bdi>") {
		t.Errorf("the new password doesn't let in:\n%s", page)
	}
}

func TestCommandsChangeWhoHoldsWhat(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	o.drop(t, "jane", 1)
	_, at := o.serve(t)
	both := o.seats(t, at, "ada", "grace")
	ada, grace := both[0], both[1]
	programtest.Until(t, "the ticket is there", func() bool { return ada.do(t, "claim", "next").Code == 0 })
	inviter.Must(t, "technician", "disable", "ADA", "--config", o.config)
	grace.says(t, 0, []string{"1, waiting", "dismissed", "(command)"}, "show", "1")
	grace.says(t, 0, []string{"yours"}, "claim", "1")
	inviter.Must(t, "technician", "role", "grace", "auditor", "--config", o.config)
	grace.says(t, 0, []string{"1, waiting"}, "show", "1")
	grace.says(t, 1, []string{"inviter: "}, "claim", "1")
	inviter.Must(t, "technician", "enable", "ada", "--config", o.config)
	inviter.Must(t, "technician", "token", "ada", "--config", o.config)
	if r := inviter.Do(t, "technician", "enable", "nobody", "--config", o.config); r.Code != 1 || !strings.Contains(r.Err, "technician list") {
		t.Errorf("an unknown name: %d %s", r.Code, r.Err)
	}
}

// signOnOffice is a served office with a single sign-on provider.
func signOnOffice(t *testing.T, login string) (o office, at string) {
	t.Helper()
	listen := fmt.Sprintf("127.0.0.1:%d", private.Port(t))
	issuer := private.OIDC(t, "http://"+listen+"/login/sso/back")
	secret := filepath.Join(t.TempDir(), "secret")
	write(t, secret, "secret")
	o = newOffice(t, "", login+"\n[login.oidc]\nissuer = '"+issuer+"'\nclient_id = 'inviter'\nclient_secret_file = '"+secret+
		"'\nroles = { lead = ['adas'], technician = ['graces'] }\n")
	text, err := os.ReadFile(o.config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, o.config, strings.Replace(string(text), "127.0.0.1:0", listen, 1))
	_, at = o.serve(t)
	return o, at
}

// signsOn goes through the provider's pages, and returns what comes after.
func (b browser) signsOn(want int, name, next string) string {
	b.t.Helper()
	r, err := b.http.Get(b.url + "/login/sso?next=" + url.QueryEscape(next))
	page := b.read(r, err, 200)
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(page)
	if id == nil {
		b.t.Fatalf("no form at the provider:\n%s", page)
	}
	r, err = b.http.PostForm(r.Request.URL.String(), url.Values{"id": {id[1]}, "username": {name}, "password": {"correct horse"}})
	return b.read(r, err, want)
}

func TestSingleSignOn(t *testing.T) {
	t.Parallel()
	o, at := signOnOffice(t, "")
	inviter.Must(t, "technician", "add", "eve", "--config", o.config)
	ada := newBrowser(t, at)
	if page := ada.get(200, "/history"); !strings.Contains(page, `href="/login/sso?next=%2Fhistory"`) || !strings.Contains(page, `name="password"`) {
		t.Errorf("the log-in page:\n%s", page)
	}
	if page := ada.signsOn(200, "ada", "/history"); !strings.Contains(page, "<bdi>ada</bdi>") || !strings.Contains(page, "<h1>History") {
		t.Errorf("signed on:\n%s", page)
	}
	if list := inviter.Must(t, "technician", "list", "--config", o.config); !strings.Contains(list, "lead") {
		t.Errorf("ada is no lead:\n%s", list)
	}
	if page := newBrowser(t, at).signsOn(200, "grace", "https://elsewhere.example.org/"); !strings.Contains(page, "<bdi>grace</bdi>") {
		t.Errorf("grace, who would be led elsewhere:\n%s", page)
	}
	if page := newBrowser(t, at).signsOn(403, "eve", "/"); !strings.Contains(page, "have no role at this helpdesk") {
		t.Errorf("eve, who is in no group of ours:\n%s", page)
	}
	inviter.Must(t, "technician", "disable", "grace", "--config", o.config)
	if page := newBrowser(t, at).signsOn(403, "grace", "/"); !strings.Contains(page, "account here is disabled") {
		t.Errorf("grace, who is disabled:\n%s", page)
	}
	if page := newBrowser(t, at).get(403, "/login/sso/back?code=x&state=y"); !strings.Contains(page, "did not succeed") {
		t.Errorf("an answer that nobody asked for:\n%s", page)
	}
	if out := inviter.Must(t, "check", "--config", o.config); !strings.Contains(out, "single sign-on provider") {
		t.Errorf("check:\n%s", out)
	}
}

// TestSingleSignOnInABrowser: from a page that asks to log in, by the provider's
// own form, back to that page, as people live it.
func TestSingleSignOnInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	t.Parallel()
	_, at := signOnOffice(t, "")
	tab := private.Tab(t, private.Chromium(t))
	comesTo := func(condition string) {
		t.Helper()
		programtest.Until(t, condition, func() bool { // between two pages there is nothing to ask
			ok, err := chromedp.Run(tab, chromedp.Evaluate[bool](condition))
			return err == nil && ok
		})
	}
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(tab, steps...); err != nil {
			t.Fatal(err)
		}
	}
	do(chromedp.Navigate(at+"/history"), chromedp.Click(`a[href^="/login/sso"]`))
	comesTo(`document.querySelector('input[name=username]') !== null && document.readyState === 'complete'`)
	do(chromedp.SendKeys(`input[name=username]`, "ada"), chromedp.SendKeys(`input[name=password]`, "correct horse"), chromedp.Submit(`input[name=password]`))
	comesTo(`location.pathname === '/history' && document.querySelector('#live.on') !== null && document.querySelector('.self').textContent.includes('ada')`)
	do(chromedp.Navigate(at+"/accounts/ada"), chromedp.Click(`form[action="/logout"] button`))
	comesTo(`location.pathname === '/login'`)
}

func TestSingleSignOnAlone(t *testing.T) {
	t.Parallel()
	o, at := signOnOffice(t, "[login]\nlocal = false")
	b := newBrowser(t, at)
	if page := b.get(200, "/login"); strings.Contains(page, `name="password"`) {
		t.Errorf("the log-in page still asks for a password:\n%s", page)
	}
	password := filepath.Join(t.TempDir(), "password")
	write(t, password, "correct horse")
	inviter.Must(t, "technician", "add", "linus", "--password-file", password, "--config", o.config)
	if page := b.post(403, "/login", "name", "linus", "password", "correct horse"); !strings.Contains(page, "switched off") {
		t.Errorf("a password is taken:\n%s", page)
	}
	if page := b.signsOn(200, "ada", "/"); !strings.Contains(page, "<bdi>ada</bdi>") {
		t.Errorf("signed on:\n%s", page)
	}
}

func TestAProviderThatIsAwayStopsNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "[login.oidc]\nissuer = 'http://127.0.0.1:1'\nclient_id = 'inviter'\n")
	_, at := o.serve(t)
	b := newBrowser(t, at)
	if page := b.get(503, "/login/sso"); !strings.Contains(page, "reached at the moment") || !strings.Contains(page, `name="password"`) {
		t.Errorf("away:\n%s", page)
	}
	if r := inviter.Do(t, "check", "--config", o.config); r.Code != 1 || !strings.Contains(r.Out, "FAILED") {
		t.Errorf("check: %d\n%s", r.Code, r.Out)
	}
}
