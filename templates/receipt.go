package templates

import (
	"fmt"
	"strings"
	"time"

	"inviter/ticket"
)

// Receipts word the texts that stand on a share in the place of what users
// dropped there: how their tickets are doing, what to do next, and what no
// technician ever asks.
type Receipts struct {
	l    *Language
	base string // of links to status pages; "" for none
}

// NewReceipts words receipts in a language, "en" or "de", with times of a zone
// and links below the pages' public address.
func NewReceipts(zone *time.Location, tag, publicURL string) (*Receipts, error) {
	if _, err := languageOrder(tag); err != nil {
		return nil, err
	}
	l, err := loadLanguage(tag, zone)
	if err != nil {
		return nil, fmt.Errorf("language %s: %w", tag, err)
	}
	return &Receipts{l, publicURL}, nil
}

// mostTold bounds how many tickets one receipt tells of in words.
const mostTold = 20

// Text is a receipt: a paragraph a ticket, each beginning with the word for it
// and its number, as in "Ticket 42: ". Lines end as Windows wants them.
func (r *Receipts) Text(news []ticket.News) string {
	var paragraphs []string
	for i, n := range news {
		if i == mostTold {
			paragraphs = append(paragraphs, r.l.Count("receipt.more", len(news)-i))
			break
		}
		paragraphs = append(paragraphs, r.paragraph(n))
	}
	paragraphs = append(paragraphs, r.end(news))
	return strings.ReplaceAll(strings.Join(paragraphs, "\n\n"), "\n", "\r\n") + "\r\n"
}

// paragraph tells of one ticket.
func (r *Receipts) paragraph(n ticket.News) string {
	say := func(key string) string {
		return r.l.Text(worded("receipt."+key, n.Kind == ticket.Code), "who", ticket.FirstName(n.Holder), "time", r.moment(n.Expires), "by", n.NewerOne.String(),
			"link", ticket.Status{Secret: n.Secret}.Link(r.base))
	}
	kind := kindOfNews(n)
	next := kind + ".next"
	if kind == "closed" {
		next = "closed." + string(n.Outcome)
	}
	lines := []string{r.l.Text("receipt.head", "n", n.Ticket.String(), "what", say(kind)), say(next)}
	if kind == "claimed" {
		lines = append(lines, say("claimed.password"))
	}
	link := "link.over"
	if !n.State.Ended() && n.State != "" {
		link = "link"
		lines = append(lines, say("until"), say("window"))
	}
	if n.Secret != "" && r.base != "" {
		lines = append(lines, say(link))
	}
	return strings.Join(lines, "\n")
}

// kindOfNews is the part of a key that tells what happened.
func kindOfNews(n ticket.News) string {
	switch {
	case n.State == "": // purged
		return "over"
	case n.Dead():
		return "dead"
	case n.State == ticket.Waiting && n.Claims > 0:
		return "back"
	case n.State == ticket.Claimed && n.Connected:
		return "connected"
	}
	return string(n.State)
}

// end is what holds for all tickets of a receipt.
func (r *Receipts) end(news []ticket.News) string {
	for _, n := range news {
		if n.State != "" && !n.State.Ended() {
			return r.l.Text("receipt.remove") + "\n" + r.l.Text("receipt.never")
		}
	}
	if len(news) == 1 && (news[0].State == ticket.Superseded || news[0].State == ticket.Refused) {
		return r.l.Text("receipt.never")
	}
	return r.l.Text("receipt.again")
}

// moment is a time that is read on another day perhaps, and in another zone.
func (r *Receipts) moment(t time.Time) string {
	t = t.In(r.l.zone)
	zone, _ := t.Zone()
	return r.l.Text("receipt.time", "date", r.l.date(t), "clock", t.Format("15:04"), "zone", zone)
}
