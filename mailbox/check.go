package mailbox

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Finding is one line of a check: what was looked at, and how it is.
type Finding struct {
	What   string
	Detail string // what was found, where all is well
	Err    error  // what is wrong, and what to do; nil where all is well
}

// Check tries what a scan needs, one after the other, on a connection of its
// own, and changes nothing. It stops where going on makes no sense.
func (m *Mailbox) Check(ctx context.Context) []Finding {
	found, ok := m.checkToken(ctx)
	if !ok {
		return found
	}
	l, err := m.connect(ctx, false)
	if err != nil {
		return append(found, Finding{What: "log in", Err: err})
	}
	defer l.leave()
	found = append(found,
		Finding{What: "log in", Detail: fmt.Sprintf("%s at %s", m.at.User, m.at.dial())},
		Finding{What: "server", Detail: l.abilities()},
	)
	count, err := m.examine(ctx, l)
	found = append(found, Finding{What: "folder " + m.at.Folder, Detail: count, Err: err})
	if err != nil {
		return found
	}
	for _, folder := range []string{m.options.Processed, m.options.Refused} {
		if folder == "" || l.dead {
			continue
		}
		detail, err := m.destined(ctx, l, folder)
		found = append(found, Finding{What: "folder " + folder, Detail: detail, Err: err})
	}
	return found
}

// checkToken tries the token server where there is one; false where there is
// no use in going on.
func (m *Mailbox) checkToken(ctx context.Context) ([]Finding, bool) {
	if m.options.Tokens == nil {
		return nil, true
	}
	_, err := m.options.Tokens.Token(ctx)
	if errors.Is(err, ErrUntried) {
		return []Finding{{What: "token", Detail: err.Error()}}, false
	}
	return []Finding{{What: "token", Detail: "from " + hostOf(m.options.Tokens.grant.URL), Err: err}}, err == nil
}

// abilities says in words how the server will be worked with.
func (l *link) abilities() string {
	way := "mail can't be moved there and stays where it is"
	switch {
	case l.caps.Has(imap.CapMove):
		way = "moves mail"
	case l.caps.Has(imap.CapUIDPlus):
		way = "mail is copied, then deleted (no MOVE)"
	}
	if l.caps.Has(imap.CapIdle) {
		return way + "; tells of new mail (IDLE)"
	}
	return way + "; must be polled (no IDLE)"
}

// examine opens the folder read-only and counts, so that somebody who expects
// old mail to be taken up sees that it won't be.
func (m *Mailbox) examine(ctx context.Context, l *link) (string, error) {
	folder := l.names.write(m.at.Folder)
	var got *imap.SelectData
	err := l.do(ctx, l.brief(), func() (err error) {
		got, err = l.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	if err != nil {
		return "", l.noFolder(err)
	}
	l.exists.Store(got.NumMessages)
	saved, err := m.ledger.Position(ctx, m.Name())
	if err != nil {
		return "", fmt.Errorf("position: %w", err)
	}
	old, _ := parseMark(saved)
	mark, fresh := old.follow(folder, got.UIDValidity, m.options.Clock(), m.options.First)
	if fresh {
		mark.base = math.MaxUint32
	}
	letters, err := l.look(ctx, 0)
	if err != nil {
		return "", err
	}
	var older, waiting int
	for _, mail := range letters {
		switch {
		case mark.leaves(mail):
			older++
		case mail.uid > mark.position:
			waiting++
		}
	}
	return fmt.Sprintf("%d mails; %d not looked at yet; %d older than the first connection allows, left alone",
		len(letters), waiting, older), nil
}

func (m *Mailbox) destined(ctx context.Context, l *link, folder string) (string, error) {
	name := l.names.write(folder)
	if strings.EqualFold(name, l.names.write(m.at.Folder)) {
		return "", &Trouble{Kind: Setting, What: folder + " is the watched folder itself", Do: "name another one"}
	}
	there, err := l.hasFolder(ctx, name)
	switch {
	case err != nil:
		return "", l.at.refused("tell whether "+name+" is there", err)
	case !there:
		return name + " will be made when the first mail goes there", nil
	}
	return name, nil
}
