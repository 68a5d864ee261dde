package postoffice

import (
	"bufio"
	"bytes"
	"os"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-message/textproto"
)

// Fetch writes what a client asks of its letters. A letter that another client
// takes away meanwhile is left out.
func (c *client) Fetch(w *imapserver.FetchWriter, set imap.NumSet, o *imap.FetchOptions) error {
	letters, err := c.fetched(set, o)
	if err != nil {
		return err
	}
	for _, l := range letters {
		var text []byte
		if needsText(o) {
			if text, err = os.ReadFile(l.path); err != nil {
				continue
			}
		}
		if err := l.write(w.CreateMessage(l.seq), text, o); err != nil {
			return err
		}
	}
	return nil
}

// fetched is what set means; reading without PEEK marks it as seen.
func (c *client) fetched(set imap.NumSet, o *imap.FetchOptions) ([]seen, error) {
	for _, s := range o.BodySection {
		if !s.Peek && !c.readOnly {
			o.Flags = true // RFC 3501 7.4.2: a changed flag is told along
			return c.mark(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen}})
		}
	}
	c.off.mu.Lock()
	defer c.off.mu.Unlock()
	return c.matching(set), nil
}

func needsText(o *imap.FetchOptions) bool {
	return o.Envelope || o.BodyStructure != nil || len(o.BodySection) > 0
}

// write writes one answer. Every value is worked out before, so nothing can
// fail halfway but the connection.
func (l seen) write(w *imapserver.FetchResponseWriter, text []byte, o *imap.FetchOptions) error {
	w.WriteUID(l.uid)
	if o.Flags {
		w.WriteFlags(l.flags)
	}
	if o.InternalDate {
		w.WriteInternalDate(l.at)
	}
	if o.RFC822Size {
		w.WriteRFC822Size(l.size)
	}
	if o.Envelope {
		header, _ := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(text)))
		w.WriteEnvelope(imapserver.ExtractEnvelope(header))
	}
	if o.BodyStructure != nil {
		w.WriteBodyStructure(structure(text))
	}
	for _, s := range o.BodySection {
		part := section(text, s)
		lit := w.WriteBodySection(s, int64(len(part)))
		_, err := lit.Write(part)
		if e := lit.Close(); err != nil || e != nil {
			w.Close()
			return e
		}
	}
	return w.Close()
}

// structure is the mail's BODYSTRUCTURE. The library's writer can't write a
// multipart without parts, which anybody may send: such gets an empty text,
// as other servers do it.
func structure(text []byte) imap.BodyStructure {
	bs := imapserver.ExtractBodyStructure(bytes.NewReader(text))
	complete(bs)
	return bs
}

func complete(bs imap.BodyStructure) {
	switch bs := bs.(type) {
	case *imap.BodyStructureMultiPart:
		if len(bs.Children) == 0 {
			bs.Children = []imap.BodyStructure{imapserver.ExtractBodyStructure(bytes.NewReader([]byte("Content-Type: text/plain\r\n\r\n")))}
		}
		for _, child := range bs.Children {
			complete(child)
		}
	case *imap.BodyStructureSinglePart:
		if bs.MessageRFC822 != nil {
			complete(bs.MessageRFC822.BodyStructure)
		}
	}
}

// section is a piece of the mail. The whole of it is given byte for byte, also
// where its header can't be read.
func section(text []byte, s *imap.FetchItemBodySection) []byte {
	if len(s.Part) > 0 || s.Specifier != imap.PartSpecifierNone {
		return imapserver.ExtractBodySection(bytes.NewReader(text), s)
	}
	if s.Partial == nil {
		return text
	}
	from := min(s.Partial.Offset, int64(len(text)))
	return text[from:min(from+min(s.Partial.Size, int64(len(text))), int64(len(text)))]
}
