package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"inviter/invitation/sample"
	"inviter/ticket"
)

// holdAnswers lets the page send its buttons, but keeps their answers back
// until letAnswersCome.
func (b *tab) holdAnswers() {
	b.t.Helper()
	ask[any](b, `const real = fetch, kept = new Promise((go) => { window.release = go; }); window.answered = 0;
		window.fetch = async (to, o) => { const answer = await real(to, o); if (o?.method === 'POST') { await kept; setTimeout(() => answered++); } return answer; }; 0`)
}

// letAnswersCome gives the page the answers kept back and waits until it has shown them.
func (b *tab) letAnswersCome() {
	b.t.Helper()
	ask[any](b, `window.form = document.querySelector('form[aria-busy]') ?? { ariaBusy: null }; release(); 0`)
	b.until(`answered > 0 && form.ariaBusy === null`)
}

// answerComesLate: the stream may show a claim before its own answer does. Who
// went on meanwhile isn't pulled back by it.
func answerComesLate(t *testing.T, browser context.Context) {
	h := build(t)
	h.arrives()
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live()
	b.holdAnswers()
	b.key("n")
	b.until(`document.querySelector('#t1.yours .open')`)
	b.key("c")
	outcome := `document.activeElement.matches('#t1 button[name=outcome]') && document.querySelector('#t1 details[data-keep=close]').open`
	b.until(outcome)
	b.letAnswersCome()
	if !ask[bool](b, outcome) {
		t.Fatalf("the answer took the focus away:\n%s", b.state())
	}
	b.key(kb.Escape)
	b.until(`!document.querySelector('#t1 details[data-keep=close]').open && document.activeElement.matches('#t1 details[data-keep=close] summary')`)
	b.silent()
}

// handsStay: focus, caret and unfolded questions outlast a change of the row.
func handsStay(t *testing.T, browser context.Context) {
	h := build(t)
	h.arrives()
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live()
	b.key("n")
	b.until(`document.querySelector('#t1.yours .open') && document.activeElement.closest('#t1 .open')`)
	b.key("c")
	b.until(`document.activeElement.matches('#t1 button[value=solved]')`)
	ask[any](b, `window.before = document.activeElement; 0`)
	_, err := h.Connected(t.Context(), 1, ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}, 1)
	check(t, err)
	b.until(`before.isConnected === false`)
	if !ask[bool](b, `document.activeElement.matches('#t1 button[value=solved]') && document.querySelector('#t1 details[data-keep=close]').open`) {
		t.Errorf("the focus went elsewhere:\n%s", b.state())
	}
	b.write(`#t1 form[action$="/close"] textarea`, "one three")
	ask[any](b, `document.activeElement.setSelectionRange(4, 4); 0`)
	b.changes(1, "share:second")
	b.key("two ")
	b.until(`document.activeElement.value === 'one two three'`)
	b.composing(1)
	b.silent()
}

// changes sees to it that the ticket's row is made anew: it came on one more way.
func (b *tab) changes(id int64, source string) {
	b.t.Helper()
	b.again(id, source)
	b.until(fmt.Sprintf(`document.querySelector('#t%d').textContent.includes('%s')`, id, source[len("share:"):]))
}

// again has the invitation of ticket id arrive on another way.
func (b *tab) again(id int64, source string) {
	b.t.Helper()
	b.h.arrives(func(d *ticket.Delivery, s *sample.Invitation) {
		d.Source, s.Seed, s.User = source, id, fmt.Sprintf("user%d", id)
	})
}

// composing: while a character is made of several keys, as in Japanese, its
// field isn't touched.
func (b *tab) composing(id int64) {
	b.t.Helper()
	ask[any](b, `window.log = []; const real = fetch;
		window.fetch = async (to, o) => { const answer = await real(to, o); log.push('fetched'); return answer; };
		new MutationObserver(() => log.push('moved')).observe(document.querySelector('#rows'), { childList: true });
		document.activeElement.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true })); 0`)
	b.again(id, "share:third")
	b.until(`log.includes('fetched')`)
	ask[any](b, `log.push('done'); document.activeElement.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true })); 0`)
	b.until(`log.includes('moved')`)
	if order := ask[string](b, `log.filter((x) => x !== 'fetched').join()`); !strings.HasPrefix(order, "done,moved") {
		b.t.Errorf("the field moved while a character was made: %s", order)
	}
}

// ticketPageStays: a ticket's own page is live under the focus too.
func ticketPageStays(t *testing.T, browser context.Context) {
	h := build(t)
	h.arrives()
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/tickets/1")
	b.live()
	ask[any](b, `document.querySelector('#t1 .claim').focus(); 0`)
	_, err := h.Claim(t.Context(), 1, ticket.Technician{Name: "grace", Role: ticket.RoleTechnician})
	check(t, err)
	b.until(`document.querySelector('#t1.held') && document.activeElement.closest('#t1')`)
	_, err = h.Withdraw(t.Context(), 1)
	check(t, err)
	b.until(`document.querySelector('#verdict').textContent.includes('user ended it') && !document.querySelector('#rows button:enabled')`)
	b.silent()
}
