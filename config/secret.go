package config

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a password, token or key. However it is printed, logged or
// marshalled, it shows as "(secret)"; only Reveal tells what it is.
type Secret struct {
	value string
	file  string // where it was read from, "" for elsewhere
}

const masked = "(secret)"

// NewSecret wraps a secret that comes from elsewhere than a file.
func NewSecret(value string) Secret { return Secret{value: value} }

// Reveal is the secret itself, for the one who logs in with it.
func (s Secret) Reveal() string { return s.value }

// Now is the secret as its file has it now, so that a changed password needs no
// restart. One that came from elsewhere stays what it was.
func (s Secret) Now() (string, error) {
	if s.file == "" {
		return s.value, nil
	}
	again, err := secretFile(s.file)
	return again.value, err
}

// Empty tells whether there is no secret.
func (s Secret) Empty() bool { return s.value == "" }

// String never shows the secret.
func (s Secret) String() string { return masked }

// Format never shows the secret, whatever the verb: %#v and %x neither.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// LogValue never shows the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText never shows the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
