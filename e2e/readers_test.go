package e2e_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// The least programs for the same work: they keep nothing.

func readerOf(b *testing.B, addr, user string) *imapclient.Client {
	b.Helper()
	c, err := imapclient.DialInsecure(addr, nil)
	if err == nil {
		err = c.Login(user, "secret").Wait()
	}
	if err == nil {
		_, err = c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	}
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// read drains one FETCH and counts its bytes.
func read(b *testing.B, cmd *imapclient.FetchCommand) (bytes int64) {
	b.Helper()
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		for item := m.Next(); item != nil; item = m.Next() {
			if section, ok := item.(imapclient.FetchItemDataBodySection); ok && section.Literal != nil {
				n, _ := io.Copy(io.Discard, section.Literal)
				bytes += n
			}
		}
	}
	if err := cmd.Close(); err != nil {
		b.Fatal(err)
	}
	return bytes
}

var all = imap.UIDSet{{Start: 1, Stop: 0}}

// twoStep reads all structures and then the parts that matter, whose numbers it
// knows without looking.
func twoStep(b *testing.B, addr, user string) cost {
	b.Helper()
	start := time.Now()
	c := readerOf(b, addr, user)
	defer c.Close()
	read(b, c.Fetch(all, &imap.FetchOptions{UID: true, RFC822Size: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true}}))
	read(b, c.Fetch(all, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{
		{Peek: true, Specifier: imap.PartSpecifierHeader}, {Peek: true, Part: []int{1}}, {Peek: true, Part: []int{2}}}}))
	return cost{took: time.Since(start)}
}

// wholeMails reads everything.
func wholeMails(b *testing.B, addr, user string) cost {
	b.Helper()
	start := time.Now()
	c := readerOf(b, addr, user)
	defer c.Close()
	read(b, c.Fetch(all, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}))
	return cost{took: time.Since(start)}
}

// oneByOne reads every mail whole, each in a command of its own.
func oneByOne(b *testing.B, addr, user string, mails int) cost {
	b.Helper()
	start := time.Now()
	c := readerOf(b, addr, user)
	defer c.Close()
	for i := range mails {
		read(b, c.Fetch(imap.SeqSetNum(uint32(i+1)), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}))
	}
	return cost{took: time.Since(start)}
}

// uidNext is the number that the next mail in the mailbox gets.
func uidNext(b *testing.B, addr, user string) imap.UID {
	b.Helper()
	c := readerOf(b, addr, user)
	defer c.Close()
	data, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		b.Fatal(err)
	}
	return data.UIDNext
}

// leastPass takes the mails from the given number on, as a watcher's pass does,
// and moves them to where the watcher does.
func leastPass(b *testing.B, addr, user string, from imap.UID) time.Duration {
	b.Helper()
	start := time.Now()
	c := readerOf(b, addr, user)
	defer c.Close()
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		b.Fatal(err)
	}
	news := imap.UIDSet{{Start: from, Stop: 0}}
	read(b, c.Fetch(news, &imap.FetchOptions{UID: true, RFC822Size: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true}}))
	read(b, c.Fetch(news, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{
		{Peek: true, Specifier: imap.PartSpecifierHeader}, {Peek: true, Part: []int{1}}, {Peek: true, Part: []int{2}}}}))
	if _, err := c.Move(news, "Inviter/Processed").Wait(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// idler waits in IDLE and tells when the server says that there is more mail.
func idler(b *testing.B, addr string) <-chan time.Time {
	b.Helper()
	told := make(chan time.Time, 100)
	var most uint32
	c, err := imapclient.DialInsecure(addr, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil && *d.NumMessages > most {
				told <- time.Now()
			}
			if d.NumMessages != nil {
				most = *d.NumMessages
			}
		},
		Expunge: func(uint32) { most-- },
	}})
	if err == nil {
		err = c.Login("help", "secret").Wait()
	}
	if err == nil {
		_, err = c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	}
	if err != nil {
		b.Fatal(err)
	}
	for len(told) > 0 {
		<-told
	}
	idle, err := c.Idle()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = idle.Close(); c.Close() })
	return told
}

// watchTickets is a page that is open: it tells when a new ticket arrives.
func (p *person) watchTickets(ctx context.Context) <-chan time.Time {
	p.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/api/v1/events", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	arrived := make(chan time.Time, 100)
	go func() {
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "event: ticket") {
				arrived <- time.Now()
			}
		}
	}()
	return arrived
}
