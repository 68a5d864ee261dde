package postoffice

import (
	"bufio"
	"bytes"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-message/textproto"
)

// Search lists the letters that fit.
func (c *client) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria, _ *imap.SearchOptions) (*imap.SearchData, error) {
	c.off.mu.Lock()
	all := c.matching(imap.SeqSet{{Start: 1, Stop: 0}})
	fits := c.filter(criteria)
	c.off.mu.Unlock()

	var data imap.SearchData
	var seqs imap.SeqSet
	var uids imap.UIDSet
	for i := range all {
		l := &searched{seen: all[i]}
		if !fits(l) {
			continue
		}
		n := l.seq
		if kind == imapserver.NumKindUID {
			n = uint32(l.uid)
			uids.AddNum(l.uid)
		} else {
			seqs.AddNum(l.seq)
		}
		if data.Count == 0 {
			data.Min = n
		}
		data.Max = n
		data.Count++
	}
	data.All = seqs
	if kind == imapserver.NumKindUID {
		data.All = uids
	}
	return &data, nil
}

// searched is a letter that is being looked at. Its text is read when a
// criterion asks for it.
type searched struct {
	seen
	text   []byte
	header *mail.Header
}

func (l *searched) body() []byte {
	if l.text == nil {
		l.text, _ = os.ReadFile(l.path)
		l.text = append(l.text, '\n')
	}
	return l.text
}

func (l *searched) fields() *mail.Header {
	if l.header == nil {
		h, _ := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(l.body())))
		l.header = &mail.Header{}
		l.header.Header.Header = h
	}
	return l.header
}

type test func(*searched) bool

// filter turns criteria, all of which must hold, into one test. The caller
// holds the lock, for the sets mean what they mean now.
func (c *client) filter(k *imap.SearchCriteria) test {
	var all []test
	add := func(t test) { all = append(all, t) }
	for _, set := range k.SeqNum {
		match := c.matcher(set)
		add(func(l *searched) bool { return match(l.seq, l.uid) })
	}
	for _, set := range k.UID {
		match := c.matcher(set)
		add(func(l *searched) bool { return match(l.seq, l.uid) })
	}
	for _, f := range k.Flag {
		add(func(l *searched) bool { return l.has(f) })
	}
	for _, f := range k.NotFlag {
		add(func(l *searched) bool { return !l.has(f) })
	}
	all = append(all, measures(k)...)
	all = append(all, contents(k)...)
	for _, n := range k.Not {
		inner := c.filter(&n)
		add(func(l *searched) bool { return !inner(l) })
	}
	for _, o := range k.Or {
		a, b := c.filter(&o[0]), c.filter(&o[1])
		add(func(l *searched) bool { return a(l) || b(l) })
	}
	return func(l *searched) bool {
		for _, t := range all {
			if !t(l) {
				return false
			}
		}
		return true
	}
}

func measures(k *imap.SearchCriteria) []test {
	return []test{
		func(l *searched) bool { return k.Larger == 0 || l.size > k.Larger },
		func(l *searched) bool { return k.Smaller == 0 || l.size < k.Smaller },
		func(l *searched) bool { return between(l.at, k.Since, k.Before) },
		func(l *searched) bool {
			if k.SentSince.IsZero() && k.SentBefore.IsZero() {
				return true
			}
			sent, err := l.fields().Date()
			return err == nil && !sent.IsZero() && between(sent, k.SentSince, k.SentBefore)
		},
	}
}

// between compares days, without regard to the zone (RFC 3501 6.4.4).
func between(t, since, before time.Time) bool {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return (since.IsZero() || !day.Before(since)) && (before.IsZero() || day.Before(before))
}

func contents(k *imap.SearchCriteria) []test {
	var all []test
	for _, f := range k.Header {
		all = append(all, func(l *searched) bool {
			for fields := l.fields().FieldsByKey(f.Key); fields.Next(); {
				if value, _ := fields.Text(); holds([]byte(value), f.Value) {
					return true
				}
			}
			return false
		})
	}
	for _, s := range k.Text {
		all = append(all, func(l *searched) bool { return holds(l.body(), s) })
	}
	for _, s := range k.Body {
		all = append(all, func(l *searched) bool {
			_, body, _ := bytes.Cut(l.body(), []byte("\r\n\r\n"))
			return holds(body, s)
		})
	}
	return all
}

// holds looks for a text as it is written in the mail: transfer encodings are
// not undone.
func holds(in []byte, what string) bool {
	return bytes.Contains(bytes.ToLower(in), []byte(strings.ToLower(what)))
}
