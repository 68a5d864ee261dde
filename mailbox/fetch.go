package mailbox

import (
	"context"
	"errors"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// message is what one FETCH brought of one mail.
type message struct {
	uid       uint32
	size      int64
	at        time.Time
	structure imap.BodyStructure
	sections  []section
}

// section is one piece of a mail's body.
type section struct {
	what *imap.FetchItemBodySection
	body []byte
}

// fetch holds one FETCH, and hands on each mail when all of it has come.
// expected bytes of content decide how long it may take. After an error, what
// was handed on is complete, but there may be more.
func (l *link) fetch(ctx context.Context, set imap.UIDSet, o *imap.FetchOptions, expected int64, each func(*message)) error {
	const slowest = 16 << 10 // bytes a second below which a line is as good as broken
	most := 5*l.patience + time.Duration(expected/slowest)*time.Second
	return l.do(ctx, most, func() error {
		cmd := l.client.Fetch(set, o)
		last, err := l.stream(cmd, each)
		if err != nil {
			// A literal broke off. To drain the rest, as is needed otherwise,
			// would be to read beside the library's reader.
			l.wire.Close()
			<-l.client.Closed()
			return err
		}
		err = cmd.Close()
		if last != nil && (err == nil || isNo(err)) {
			each(last)
		}
		return err
	})
}

// stream hands on all mails but the last, which is whole only if the FETCH
// ended well: the library also passes on one that was cut off.
func (l *link) stream(cmd *imapclient.FetchCommand, each func(*message)) (last *message, err error) {
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		if last != nil {
			each(last)
		}
		if last, err = collect(msg, l.wire.most); err != nil {
			return nil, err
		}
		if last.uid == 0 {
			last = nil
		}
	}
	return last, nil
}

func isNo(err error) bool {
	var no *imap.Error
	return errors.As(err, &no)
}

func collect(msg *imapclient.FetchMessageData, most int64) (*message, error) {
	got := &message{}
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			got.uid = uint32(item.UID)
		case imapclient.FetchItemDataRFC822Size:
			got.size = item.Size
		case imapclient.FetchItemDataInternalDate:
			got.at = item.Time
		case imapclient.FetchItemDataBodyStructure:
			got.structure = item.BodyStructure
		case imapclient.FetchItemDataBodySection:
			body, err := readAll(item.Literal, most)
			if err != nil {
				return nil, err
			}
			got.sections = append(got.sections, section{item.Section, body})
		}
	}
	return got, nil
}
