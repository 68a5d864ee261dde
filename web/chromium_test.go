package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"inviter/e2e/private"
	"inviter/invitation/sample"
	"inviter/ticket"
)

// TestInChromium is the page as people have it, in a real browser. The parts
// share one browser, each with tabs of its own.
func TestInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	browser := private.Chromium(t)
	for name, part := range map[string]func(*testing.T, context.Context){
		"changes arrive by themselves": changesArrive,
		"two race for one ticket":      twoRace,
		"the whole way by mouse":       wholeWayByMouse,
		"the whole way by keyboard":    wholeWayByKeyboard,
		"an answer comes late":         answerComesLate,
		"hands stay":                   handsStay,
		"a ticket's page stays":        ticketPageStays,
		"who looks elsewhere is told":  isTold,
		"a claim is undone":            claimUndone,
		"the next asks first":          nextAsksFirst,
		"the row in hand stays":        rowInHandStays,
		"what is typed stays":          typedStays,
		"honest when cut off":          honestWhenCut,
		"signed out elsewhere":         signedOutElsewhere,
		"without script":               withoutScript,
		"only our scripts":             onlyOurScripts,
		"nasty strings":                nastyStrings,
		"other pages are live":         otherPagesLive,
		"every page is sound":          pagesSound,
	} {
		t.Run(name, func(t *testing.T) { part(t, browser) })
	}
}

func changesArrive(t *testing.T, browser context.Context) {
	h := build(t)
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.media("light", "no-preference")
	b.live()
	b.until(`document.title === 'Nobody waits – Queue' && getComputedStyle(document.querySelector('.nothing')).display !== 'none'`)
	ask[int](b, `window.untouched = 1`)
	one := h.arrives()
	b.until(`document.querySelector('#t1 .claim') && document.title === '1 waiting – Queue' && document.querySelector('#n-all').textContent === '1'`)
	b.until(`document.querySelector('#heard').textContent === 'Ticket 1, User 1, waiting' && document.querySelector('#state h1').textContent === '1 waiting'`)
	h.clock.pass(time.Minute)
	h.arrives()
	b.until(`document.querySelectorAll('#rows > li').length === 2`)
	_, err := h.Claim(t.Context(), one.ID, ticket.Technician{Name: "grace", Role: ticket.RoleTechnician})
	check(t, err)
	b.until(`document.querySelector('#t1').matches('.held') && document.querySelector('#t1 .act').textContent.includes('grace') && !document.querySelector('#t1 .claim')`)
	_, err = h.Withdraw(t.Context(), one.ID)
	check(t, err)
	b.until(`!document.querySelector('#t1') && document.querySelector('#t2') && document.querySelector('#n-waiting').textContent === '1'`)
	h.source("share:support", ticket.SourceGone, "the folder is not mounted")
	b.until(`document.querySelector('.alarm')?.textContent.includes('the folder is not mounted') && document.querySelector('#away').textContent === '1 not served'`)
	if ask[int](b, `window.untouched`) != 1 {
		t.Error("the page was loaded anew")
	}
	b.silent()
}

func twoRace(t *testing.T, browser context.Context) {
	h := build(t)
	h.arrives()
	a, g := h.sit(t, browser, "ada", ticket.RoleTechnician, "/"), h.sit(t, browser, "grace", ticket.RoleTechnician, "/")
	a.live()
	g.live()
	press := `document.querySelector('#t1 .claim').click()`
	done := make(chan bool)
	go func() { ask[any](a, press); close(done) }()
	ask[any](g, press)
	<-done
	winner := `document.querySelector('#t1.yours .open') && document.activeElement.closest('#t1 .open')`
	loser := `document.querySelector('#t1.held .said')?.textContent.includes('was faster')`
	settled := `(` + winner + `) || (` + loser + `)`
	a.until(settled)
	g.until(settled)
	won, lost := a, g
	if ask[bool](g, `Boolean(document.querySelector('#t1.yours'))`) {
		won, lost = g, a
	}
	won.until(winner)
	lost.until(loser)
	held, err := h.Ticket(t.Context(), 1)
	check(t, err)
	if text := ask[string](lost, `document.querySelector('#t1').innerText`); !strings.Contains(text, held.Claim.Holder+" was faster") || ask[int](lost, `document.querySelectorAll('#t1 .claim, #t1 .open').length`) != 0 {
		t.Errorf("the loser reads %q", text)
	}
	if n := ask[int](won, `document.querySelectorAll('#t1 .said').length`); n != 0 {
		t.Error("the winner is told of a refusal")
	}
	a.silent()
	g.silent()
}

func wholeWayByMouse(t *testing.T, browser context.Context) {
	h := build(t)
	h.arrives()
	h.hire("grace", ticket.RoleTechnician)
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live()
	b.click(`#t1 .claim`)
	b.until(`document.querySelector('#t1 .open')`)
	if got := ask[string](b, `document.querySelector('#t1 .command code').textContent`); got != "msra /openfile ticket-1.msrcIncident" {
		t.Errorf("the command is %q", got)
	}
	b.click(`#t1 form[action$="/connected"] button`)
	b.until(`document.querySelector('#t1 .act').textContent.includes('connected') && !document.querySelector('#t1 form[action$="/connected"]')`)
	b.click(`#t1 details[data-keep=transfer] summary`)
	b.click(`#t1 button[value=grace]`)
	b.until(`document.querySelector('#t1.held')`)
	one, err := h.Ticket(t.Context(), 1)
	check(t, err)
	_, err = h.Transfer(t.Context(), 1, ticket.Technician{Name: "grace", Role: ticket.RoleTechnician}, one.Claim.Number, ticket.Technician{Name: "ada", Role: ticket.RoleTechnician})
	check(t, err)
	b.until(`document.querySelector('#t1.yours .open')`)
	b.click(`#t1 details[data-keep=close] summary`)
	b.write(`#t1 form[action$="/close"] textarea`, "two queues on one port")
	b.click(`#t1 button[value=solved]`)
	b.until(`!document.querySelector('#t1') && document.querySelector('#said').textContent.includes('Ticket 1 is closed')`)
	if one, err := h.Ticket(t.Context(), 1); err != nil || one.Outcome != ticket.Solved || one.EndNote != "two queues on one port" {
		t.Errorf("%+v, %v", one, err)
	}
	b.silent()
}

func wholeWayByKeyboard(t *testing.T, browser context.Context) {
	h := build(t)
	for range 3 {
		h.arrives()
		h.clock.pass(time.Minute)
	}
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live()
	b.key("jj")
	b.until(`document.activeElement.closest('#t2')`)
	b.key("k")
	b.until(`document.activeElement.closest('#t1') && document.activeElement.matches('.claim')`)
	b.key(kb.Enter)
	b.until(`document.querySelector('#t1 .open') && document.activeElement.closest('#t1 .open')`)
	b.key("h")
	b.until(`document.activeElement.matches('#t1 button[name=reason]')`)
	b.key(kb.Enter)
	b.until(`document.querySelector('#t1 .claim')`)
	b.key("n")
	b.until(`document.querySelector('#t1.yours .open') && document.activeElement.closest('#t1 .open')`)
	b.key("c")
	b.until(`document.activeElement.matches('#t1 button[name=outcome]')`)
	b.key(kb.Escape)
	b.until(`!document.querySelector('#t1 details[data-keep=close]').open`)
	b.key("/")
	b.until(`document.activeElement.id === 'filter'`)
	b.key("nj?")
	b.until(`document.querySelector('#filter').value.endsWith('nj?')`) // the protocol types the / although it was taken
	if n := ask[int](b, `document.querySelectorAll('.row.yours').length`); n != 1 {
		t.Errorf("a letter in a field claimed: %d are held", n)
	}
	b.key(kb.Escape)
	b.key("?")
	b.until(`document.querySelector('#keys').matches(':popover-open')`)
	b.click(`#keys-off`)
	b.key(kb.Escape)
	b.until(`!document.querySelector('#keys').matches(':popover-open')`)
	b.key("n")
	if n := ask[int](b, `new Promise((done) => setTimeout(() => done(document.querySelectorAll('.row.yours').length), 200))`); n != 1 {
		t.Error("a key that is switched off works")
	}
	b.silent()
}

// rowInHandStays: changes above the row under the pointer don't move it.
func rowInHandStays(t *testing.T, browser context.Context) {
	h := build(t)
	for range 30 {
		h.arrives()
		h.clock.pass(time.Second)
	}
	grace := ticket.Technician{Name: "grace", Role: ticket.RoleTechnician}
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live()
	for _, c := range []struct {
		name     string
		scroll   int
		row      string
		happens  func()
		happened string
	}{
		{"one above ends, at the top", 0, "#t4", func() { _, err := h.Withdraw(t.Context(), 1); check(t, err) }, `!document.querySelector('#t1')`},
		{"one above shrinks, scrolled down", 600, "#t16", func() { _, err := h.Claim(t.Context(), 3, grace); check(t, err) }, `document.querySelector('#t3.held')`},
		{"one above grows, scrolled down", 600, "#t16", func() {
			_, err := h.Release(t.Context(), 3, grace, 1, ticket.ReasonOther, "")
			check(t, err)
		}, `document.querySelector('#t3 .claim')`},
		{"it ends itself", 300, "#t9", func() { _, err := h.Withdraw(t.Context(), 9); check(t, err) }, `document.querySelector('#t9 .said')?.textContent.includes('ended it')`},
	} {
		ask[any](b, fmt.Sprintf(`scrollTo(0, %d)`, c.scroll))
		at := fmt.Sprintf(`document.querySelector('%s').getBoundingClientRect().top`, c.row)
		y := ask[float64](b, at)
		check(t, chromedp.Do(b, chromedp.MouseEvent("mouseMoved", 400, y+20)))
		b.until(fmt.Sprintf(`document.querySelector('%s').matches(':hover')`, c.row))
		c.happens()
		b.until(c.happened)
		if now := ask[float64](b, at); now < y-1.5 || now > y+1.5 {
			t.Errorf("%s: the row moved from %v to %v", c.name, y, now)
		}
		check(t, chromedp.Do(b, chromedp.MouseEvent("mouseMoved", 400, 5)))
		b.until(`!document.querySelector('#rows').matches(':hover')`)
	}
	b.silent()
}

// typedStays: a note begun is there after the row changed, and after the
// ticket ended under one's hands.
func typedStays(t *testing.T, browser context.Context) {
	h := build(t)
	h.arrives()
	h.arrives()
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live()
	b.click(`#t1 .claim`)
	b.until(`document.querySelector('#t1 .open')`)
	b.click(`#t1 details[data-keep=close] summary`)
	b.write(`#t1 form[action$="/close"] textarea`, "half a no")
	_, err := h.Connected(t.Context(), 1, ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}, 1)
	check(t, err)
	b.until(`document.querySelector('#t1 .act').textContent.includes('connected 0') || document.querySelector('#t1 .act').textContent.includes('connected just now')`)
	kept := `document.querySelector('#t1 textarea').value === 'half a no' && document.querySelector('#t1 details[data-keep=close]').open`
	b.until(kept + ` && document.activeElement.matches('#t1 textarea')`)
	b.key("te")
	b.until(`document.querySelector('#t1 textarea').value === 'half a note'`)
	_, err = h.Withdraw(t.Context(), 1)
	check(t, err)
	b.until(`document.querySelector('#t1 .said')?.textContent.includes('the user ended it') && document.querySelector('#t1 textarea').value === 'half a note' && document.querySelector('#t1 form[action$="/close"] button').disabled`)
	b.silent()
}

// honestWhenCut: the page says since when it isn't live, and is complete again
// after the server has come back.
func honestWhenCut(t *testing.T, browser context.Context) {
	h := build(t)
	h.arrives()
	h.arrives()
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live()
	ask[int](b, `window.untouched = 1`)
	address := h.server.Listener.Addr().String()
	h.line.cut()
	b.until(`document.querySelector('#live').className === 'live lost' && /^not live since 14:\d\d, trying again$/.test(document.querySelector('#live').textContent)`)
	b.click(`#t1 .claim`)
	b.until(`document.querySelector('#said').textContent.includes('did not reach us')`)
	check(t, chromedp.Do(b, chromedp.MouseEvent("mouseMoved", 400, 5)))
	ask[any](b, `document.activeElement.blur()`)
	_, err := h.Withdraw(t.Context(), 1)
	check(t, err)
	h.arrives()
	l := listenAgain(t, address)
	again := &httptest.Server{Listener: l, Config: &http.Server{Handler: h.site}}
	again.Start()
	t.Cleanup(func() { again.CloseClientConnections(); again.Close() })
	b.until(`document.querySelector('#live').className === 'live on' && !document.querySelector('#t1') && document.querySelector('#t3') && document.querySelectorAll('#rows > li').length === 2`)
	if ask[int](b, `window.untouched`) != 1 {
		t.Error("the page was loaded anew")
	}
}

func signedOutElsewhere(t *testing.T, browser context.Context) {
	h := build(t)
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live()
	check(t, h.accounts.Disable(t.Context(), "ada"))
	check(t, chromedp.Do(b, chromedp.WaitVisible(`#password`)))
}

// withoutScript: every action works by reload.
func withoutScript(t *testing.T, browser context.Context) {
	h := build(t)
	h.arrives()
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/login")
	_, err := chromedp.Call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	check(t, err)
	b.open("/")
	text := func(want string) {
		t.Helper()
		got, err := chromedp.Run(b, chromedp.Text(`body`))
		check(t, err)
		if !strings.Contains(got, want) {
			t.Errorf("no %q on the page: %s", want, got)
		}
	}
	text("as of 14:23")
	b.click(`#t1 .claim`)
	check(t, chromedp.Do(b, chromedp.WaitVisible(`#t1 .open`)))
	b.click(`#t1 details[data-keep=close] summary`)
	b.click(`#t1 button[value=solved]`)
	check(t, chromedp.Do(b, chromedp.WaitVisible(`.nothing`)))
	text("Ticket 1 is closed")
	if n, err := chromedp.Run(b, chromedp.Nodes(`button.needs-script`, chromedp.AtLeast(0))); err != nil || len(n) == 0 {
		t.Errorf("%d, %v", len(n), err)
	}
}

func otherPagesLive(t *testing.T, browser context.Context) {
	h := build(t)
	h.arrives()
	one, src := h.sit(t, browser, "ada", ticket.RoleTechnician, "/tickets/1"), h.sit(t, browser, "lena", ticket.RoleLead, "/sources")
	one.live()
	src.live()
	_, err := h.Claim(t.Context(), 1, ticket.Technician{Name: "grace", Role: ticket.RoleTechnician})
	check(t, err)
	one.until(`document.querySelector('#trail').textContent.includes('grace claimed') && document.querySelector('#verdict').textContent.includes('claimed by grace') && document.querySelector('#rows .held')`)
	h.source("share:support", ticket.SourceFailing, "away")
	src.until(`document.querySelector('#watched').textContent.includes('Failing')`)
	one.until(`document.querySelector('.alarm')`)
	past := h.sit(t, browser, "grace", ticket.RoleTechnician, "/history")
	past.live()
	h.arrives(func(d *ticket.Delivery, _ *sample.Invitation) { d.Quarantine = true })
	src.until(`document.querySelector('#tocheck').textContent.includes('User 2')`)
	_, err = h.Close(t.Context(), 1, ticket.Technician{Name: "grace", Role: ticket.RoleTechnician}, 1, ticket.Solved, "")
	check(t, err)
	past.until(`document.querySelector('#ended').textContent.includes('User 1')`)
	one.silent()
	src.silent()
	past.silent()
}
