package share

import (
	"encoding/binary"
	"errors"
	"net"
	"sync"
)

// errGuest means that the server let somebody in without knowing him. Such a
// session is never signed, so anybody on the way could make one.
var errGuest = errors.New("guests can't sign")

// ear keeps what a server says during the log-in, for the library doesn't tell
// whether it was let in as a guest.
type ear struct {
	net.Conn
	mu    sync.Mutex
	heard []byte
	deaf  bool
}

// maxHeard is more than any log-in takes.
const maxHeard = 1 << 20

func (e *ear) Read(b []byte) (int, error) {
	n, err := e.Conn.Read(b)
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.deaf && len(e.heard) < maxHeard {
		e.heard = append(e.heard, b[:n]...)
	}
	return n, err
}

// guest ends the listening, and tells what was heard.
func (e *ear) guest() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	heard := e.heard
	e.heard, e.deaf = nil, true
	return guestIn(heard)
}

// guestIn looks for a successful SESSION_SETUP response (MS-SMB2 2.2.6) whose
// flags tell of a guest, or of nobody. Messages stand one after another, each
// behind its length (2.1).
func guestIn(said []byte) bool {
	const header, command, sessionSetup, status, flags, guestOrNull = 64, 12, 1, 8, 66, 3
	for len(said) >= 4 {
		n := int(binary.BigEndian.Uint32(said)) // its first byte is zero
		said = said[4:]
		if n > len(said) {
			return false
		}
		m := said[:n]
		said = said[n:]
		if n < header+8 || string(m[:4]) != "\xfeSMB" || binary.LittleEndian.Uint16(m[command:]) != sessionSetup {
			continue
		}
		if binary.LittleEndian.Uint32(m[status:]) == 0 && binary.LittleEndian.Uint16(m[flags:])&guestOrNull != 0 {
			return true
		}
	}
	return false
}
