package mailbox

import (
	"errors"
	"fmt"
	"io"

	"github.com/emersion/go-imap/v2"
)

// readAll reads a literal whole. The library ends one that was cut off by a
// broken connection like any other, so its length is checked here.
func readAll(lit imap.LiteralReader, most int64) ([]byte, error) {
	if lit == nil {
		return nil, nil
	}
	size := lit.Size()
	if size < 0 || size > most { // the wire ends it soon
		_, err := io.Copy(io.Discard, lit)
		return nil, errors.Join(fmt.Errorf("a literal of %d bytes: %w", size, errAnswer), err)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(lit, b); err != nil {
		return nil, err
	}
	// The end must be read too, for the library to go on.
	if n, err := io.Copy(io.Discard, lit); err != nil || n > 0 {
		return nil, fmt.Errorf("a literal longer than it said by %d bytes: %w", n, err)
	}
	return b, nil
}
