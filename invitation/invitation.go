// Package invitation reads Windows Remote Assistance invitations: bytes in, a
// value or a typed refusal out. It does no I/O, keeps no state, and takes any
// input: every size, depth and count is bounded.
//
// Sources: [MS-RAI] 2.2.1 and 2.2.2 for the file, section 6 and its behaviour
// notes for what Windows versions really write.
package invitation

import (
	"encoding/hex"
	"time"
)

// MaxSize bounds one invitation file in bytes. Real ones have 0.3 to 6.2 KB.
const MaxSize = 64 << 10

// Format is the shape an invitation was written in.
type Format string

// The three shapes that Windows and compatible tools write.
const (
	RA1              Format = "ra1"               // XP and 2003: RCTICKET in plain text
	RA2              Format = "ra2"               // Vista and later: LHTICKET, encrypted with the password
	ConnectionString Format = "connection-string" // a bare <E>…</E>, without user, dates or password
)

// File tells whether the format is one of a remote-assistance file. Others are
// named for the product whose code they hold.
func (f Format) File() bool { return f == RA1 || f == RA2 || f == ConnectionString }

// Key tells invitations apart: equal keys are the same invitation, whatever its
// name, encoding, wrapping or carrier. It is the SHA-256 of the connection ticket inside.
type Key [32]byte

// String is the key in lower-case hex, as INTERFACE.md prints it.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// Endpoint is one address the user's PC listens at: a host and port, or a URI.
type Endpoint struct {
	Host string `json:"host,omitempty"`
	Port uint16 `json:"port,omitempty"`
	URI  string `json:"uri,omitempty"`
}

// Invitation is what one file says. Nothing in it is verified: it is the user's
// PC speaking, or somebody pretending to be it.
type Invitation struct {
	Format           Format
	Key              Key
	User             string     // USERNAME, cleaned for display; "" where the file names none
	Start            time.Time  // DtStart on the user's clock; zero where the file names none
	Minutes          int64      // DtLength; 0 where the file names none
	PasswordRequired bool       // a password is needed to connect
	Endpoints        []Endpoint // best first; nil where they are hidden until the password is given
	Warnings         []Warning  // those that hold at any time; Lifetime adds those that depend on it
	File             []byte     // the invitation byte for byte as it was found
}

// Warning is a finding that doesn't stop an invitation from being used.
type Warning string

// Warnings that reading alone can tell, and (the last three) that Lifetime adds.
const (
	NoExpiry           Warning = "no-expiry"
	NoPassword         Warning = "no-password"
	AddressListIgnored Warning = "address-list-ignored"
	NoReachableAddress Warning = "no-reachable-address"
	LifetimeCapped     Warning = "lifetime-capped"
	ClockAhead         Warning = "clock-ahead"
	Expired            Warning = "expired"
)
