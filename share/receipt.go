package share

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"inviter/ticket"
)

// maxReceipt is the most that a file may hold to be looked at as a receipt.
const maxReceipt = 64 << 10

// aboutTicket is how a paragraph of a receipt begins, in whatever language.
var aboutTicket = regexp.MustCompile(`(?m)^\p{L}{2,20} ([0-9]{1,18}): `)

// ticketsIn are the tickets that a receipt says it is of; none if it is none.
func ticketsIn(content []byte) (ids []ticket.ID) {
	if at := aboutTicket.FindIndex(content); at == nil || at[0] > 0 {
		return nil
	}
	for _, m := range aboutTicket.FindAllSubmatch(content, -1) {
		n, _ := strconv.ParseInt(string(m[1]), 10, 64) // 18 digits always fit
		ids = append(ids, ticket.ID(n))
	}
	return ids
}

// speaksOf tells whether a file is a receipt of one of these tickets, or was
// one before its disk lost it.
func speaksOf(content []byte, tickets []ticket.ID) bool {
	if len(bytes.Trim(content, "\x00")) == 0 {
		return true
	}
	for _, id := range ticketsIn(content) {
		for _, t := range tickets {
			if id == t {
				return true
			}
		}
	}
	return false
}

// word writes the receipts of a batch whose tickets are durable.
func (p *pass) word(ctx context.Context, batch []*sight) error {
	if !p.receipting() {
		return nil
	}
	var ids []ticket.ID
	for _, s := range batch {
		if l := s.leaving; l != nil && l.fate == leaves && l.receipt == "" {
			ids = append(ids, l.tickets...)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	news, err := p.options.Answers.News(ctx, ids)
	if err != nil {
		return err
	}
	for _, s := range batch {
		if l := s.leaving; l != nil && l.fate == leaves && l.receipt == "" && len(l.tickets) > 0 {
			l.receipt = p.options.Answers.Words(inOrder(l.tickets, news))
			l.told, l.ended = latest(l.tickets, news), endOf(l.tickets, news)
		}
	}
	return nil
}

// turn makes the receipt out of the very file that is taken: its content is
// written over, and it gets the receipt's name. So the receipt has the owner
// and rights of who dropped the file, nothing of the invitation is left on the
// disk, and no file has to be made, which is what takes file systems longest.
func (p *pass) turn(aside string, s *sight) error {
	l := s.leaving
	err := p.rewrite(aside, int64(p.options.Limits.Mail), func(now look, content []byte) bool {
		return now.still(s.look) && sumOf(content) == l.sum
	}, []byte(l.receipt))
	if errors.Is(err, errUnfit) {
		return errChanged
	}
	if err != nil {
		return err
	}
	fresh, err := p.post(aside, l, func(to string) error { return p.move(aside, to) })
	if err == nil && !fresh {
		err = p.remove(aside)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errAstray, err)
	}
	return nil
}

// errAstray means that a receipt could not be put in its place. A later pass
// finds it where it is, and until then its items are not let go.
var errAstray = errors.New("the receipt lies aside")

// issue writes a receipt beside a file that is about to be removed. A share on
// which that fails still gets its files taken: the ticket is what was promised.
func (p *pass) issue(s *sight) {
	l := s.leaving
	if l.receipt == "" || l.issued {
		return
	}
	l.issued = true
	if _, err := p.post(s.path, l, func(to string) error { return p.create(to, []byte(l.receipt)) }); err != nil {
		p.log.Warn("receipt not written", "file", shown(s.path), "error", err.Error())
	}
}

// post puts a receipt under its name, or the next free number. If one of the
// same ticket stands there, that one is brought up to date: fresh is false.
func (p *pass) post(beside string, l *leaving, put func(to string) error) (fresh bool, err error) {
	for n := range maxTries {
		to := path.Join(path.Dir(beside), suffixed(l.called, receiptSuffix, n))
		err := put(to)
		if errors.Is(err, fs.ErrExist) {
			of := func(content []byte) bool { return sameTickets(ticketsIn(content), l.tickets) }
			if p.amend(to, l.receipt, of) != nil {
				continue
			}
			p.stand(to, l)
			return false, nil
		}
		if err == nil {
			p.stand(to, l)
		}
		return true, err
	}
	return false, fs.ErrExist
}

// amend gives a receipt another text, if ours knows it by what it says now.
func (p *pass) amend(place, text string, ours func([]byte) bool) error {
	return p.rewrite(place, maxReceipt, func(_ look, content []byte) bool { return ours(content) }, []byte(text))
}

// adopt takes up receipts that were written when the program died before it
// could note them. held is what had not been noted to have left: anybody can
// write a file that looks like a receipt of any other ticket.
func (p *pass) adopt(held []ticket.Entry) {
	if len(p.orphans) == 0 || len(held) == 0 {
		return
	}
	open := map[ticket.ID]bool{}
	for _, e := range held {
		for _, id := range e.Tickets {
			open[id] = true
		}
	}
	for _, place := range p.orphans {
		if p.traces.at(place) != nil {
			continue
		}
		_, content, err := p.read(place, maxReceipt)
		if err != nil {
			continue
		}
		of := ticketsIn(content)
		for _, id := range of {
			if open[id] {
				p.stand(place, &leaving{tickets: of})
				p.traces.owed[p.traces.at(place)] = true
				break
			}
		}
	}
}

// mostOrphans bounds how many files one pass looks into for being receipts.
const mostOrphans = 10_000

// orphaned tells whether a file is called a receipt, and no trace is known of it.
func (p *pass) orphaned(dir, name string) bool {
	return p.receipting() && strings.HasSuffix(name, receiptSuffix) && p.traces.in[dir][name] == nil && len(p.orphans) < mostOrphans
}

// reasonText says why a file was refused, to who dropped it.
func (p *pass) reasonText(s *sight) string {
	return strings.ReplaceAll(strings.TrimSpace(s.leaving.reason), "\n", "\r\n") + "\r\n" +
		"Please make a new invitation and put it into the share.\r\n"
}

// suffixed is the n-th name to try for a text about a file: the whole name with
// the suffix, then with a number between them.
func suffixed(name, suffix string, n int) string {
	if n > 0 {
		suffix = numbered("", n) + suffix
	}
	return shortened("", name, suffix)
}
