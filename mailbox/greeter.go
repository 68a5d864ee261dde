package mailbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
)

// greeter holds the first few lines of a conversation that begins in the
// clear, before the IMAP library takes over: whether to encrypt it is decided
// here. (The library's own STARTTLS waits for ever if the connection breaks
// right after the server's OK.)
type greeter struct {
	at   Address
	conn net.Conn
	r    *bufio.Reader
}

// longest bounds a line before encryption.
const longest = 8 << 10

// ask reads the greeting and, except on a loopback server that offers no
// STARTTLS, has the server begin TLS. It returns the greeting to start with.
func (g *greeter) ask(ctx context.Context) (upgrade bool, head []byte, err error) {
	stop := context.AfterFunc(ctx, func() { g.conn.Close() })
	defer func() {
		if !stop() {
			err = g.at.unreachable(context.DeadlineExceeded)
		}
	}()
	g.r = bufio.NewReaderSize(g.conn, longest)
	greeting, err := g.line()
	if err != nil {
		return false, nil, g.at.unreachable(err)
	}
	if err := g.welcome(greeting); err != nil {
		return false, nil, err
	}
	if g.at.loopback() {
		offered, err := g.offers(greeting, "STARTTLS")
		if err != nil || !offered {
			return false, []byte(greeting + "\r\n"), err
		}
	}
	return true, []byte("* OK encrypted\r\n"), g.start()
}

func (g *greeter) welcome(greeting string) error {
	upper := strings.ToUpper(greeting)
	switch {
	case strings.HasPrefix(upper, "* OK"):
		return nil
	case strings.HasPrefix(upper, "* PREAUTH"):
		if g.at.loopback() {
			return nil
		}
		// RFC 9051 section 6.2.1: such a connection can't be encrypted any more.
		return &Trouble{Kind: Server, What: g.at.Host + " takes anybody in without a log-in and without encryption",
			Do: "use imaps://"}
	case strings.HasPrefix(upper, "* BYE"):
		return &Trouble{Kind: Server, What: fmt.Sprintf("%s takes no connections now (it says: %s)", g.at.Host, oneLine(greeting[5:]))}
	}
	return &Trouble{Kind: Setting, What: g.at.dial() + " is no IMAP server", Do: "check host and port in the configuration; a TLS port wants imaps://"}
}

// offers looks among the capabilities, for which it asks where the greeting
// doesn't name them (RFC 9051 section 7.1, "CAPABILITY").
func (g *greeter) offers(greeting, want string) (found bool, err error) {
	look := func(line string) {
		found = found || slices.Contains(strings.Fields(strings.ToUpper(line)), want)
	}
	if _, code, ok := strings.Cut(strings.ToUpper(greeting), " [CAPABILITY "); ok {
		named, _, _ := strings.Cut(code, "]")
		look(named)
		return found, nil
	}
	_, err = g.command("CAPABILITY", look)
	return found, err
}

// start has the server begin TLS. Anything it says after its OK was not
// encrypted, and may be another's (CVE-2011-0411 and its kin).
func (g *greeter) start() error {
	ok, err := g.command("STARTTLS", func(string) {})
	switch {
	case err != nil:
		return err
	case !ok:
		return &Trouble{Kind: Server, What: g.at.dial() + " offers no encryption", Do: "use imaps://, or let the server offer STARTTLS"}
	case g.r.Buffered() > 0:
		return &Trouble{Kind: Server, What: g.at.dial() + " goes on in the clear where encryption begins; somebody may be in between"}
	}
	return nil
}

// command sends one word and passes on the untagged lines of its answer.
func (g *greeter) command(word string, each func(line string)) (ok bool, err error) {
	tag := "A-" + word
	if _, err := g.conn.Write([]byte(tag + " " + word + "\r\n")); err != nil {
		return false, g.at.unreachable(err)
	}
	for range 100 {
		line, err := g.line()
		if err != nil {
			return false, g.at.unreachable(err)
		}
		if rest, tagged := strings.CutPrefix(line, tag+" "); tagged {
			return strings.HasPrefix(strings.ToUpper(rest), "OK"), nil
		}
		each(line)
	}
	return false, g.at.unreachable(errors.New("no end of answers"))
}

func (g *greeter) line() (string, error) {
	b, err := g.r.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}
