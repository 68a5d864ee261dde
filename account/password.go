package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"
)

// Bounds of a password: characters at least, bytes at most.
const (
	minPassword = 8
	maxPassword = 1024
)

// Cost of one hash: argon2id, 19 MiB, two passes, one lane.
const (
	memoryKiB = 19 << 10
	passes    = 2
	lanes     = 1
	saltSize  = 16
	hashSize  = 32
)

// Hashing is bounded, or a flood of log-ins would take all memory: two at a
// time (38 MiB), and no more waiting than two seconds' worth.
const (
	hashesAtOnce  = 2
	hashesWaiting = 64
)

// hasher makes and checks password hashes, a few at a time.
type hasher struct {
	queue chan struct{} // who waits or hashes
	slots chan struct{} // who hashes
	decoy string        // checked where there is nothing to check
}

func newHasher() *hasher {
	return &hasher{
		queue: make(chan struct{}, hashesAtOnce+hashesWaiting),
		slots: make(chan struct{}, hashesAtOnce),
		decoy: encode(make([]byte, saltSize), make([]byte, hashSize)),
	}
}

// make hashes a new password. It refuses with ErrPassword and ErrBusy.
func (h *hasher) make(ctx context.Context, password string) (string, error) {
	p, ok := cleanPassword(password)
	if !ok || utf8.RuneCountInString(p) < minPassword {
		return "", ErrPassword
	}
	salt := make([]byte, saltSize)
	rand.Read(salt)
	sum, err := h.sum(ctx, p, salt)
	if err != nil {
		return "", err
	}
	return encode(salt, sum), nil
}

// check tells whether password is the one that was hashed. It does the same
// work when there is nothing to check (""), so that the time it takes doesn't
// tell which names exist. It refuses with ErrBusy.
func (h *hasher) check(ctx context.Context, password, encoded string) (bool, error) {
	p, ok := cleanPassword(password)
	known := encoded != ""
	if !known {
		encoded = h.decoy
	}
	salt, want, err := decode(encoded)
	if err != nil {
		return false, err
	}
	sum, err := h.sum(ctx, p, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, want) == 1 && ok && known, nil
}

// sum is the hash itself, once a slot is free.
func (h *hasher) sum(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return nil, ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", context.Cause(ctx))
	}
	return argon2.IDKey([]byte(password), salt, passes, memoryKiB, lanes, hashSize), nil
}

// cleanPassword brings a password to the one form that different keyboards
// write alike (RFC 8265, OpaqueString). ok is false for what can't be one.
func cleanPassword(password string) (clean string, ok bool) {
	if len(password) > maxPassword || !utf8.ValidString(password) {
		return "", false
	}
	clean, err := precis.OpaqueString.String(password)
	return clean, err == nil
}

// encode writes a hash in the usual PHC form, which names its cost, so that a
// later version can raise the cost and still read it.
func encode(salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return cost() + b64.EncodeToString(salt) + "$" + b64.EncodeToString(sum)
}

func cost() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, memoryKiB, passes, lanes)
}

// decode reads what encode wrote. Anything else is a fault: only we write it.
func decode(encoded string) (salt, sum []byte, err error) {
	rest, ok := strings.CutPrefix(encoded, cost())
	s, h, ok2 := strings.Cut(rest, "$")
	if !ok || !ok2 {
		return nil, nil, fmt.Errorf("stored password hash of an unknown form")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(s); err != nil {
		return nil, nil, fmt.Errorf("salt of a stored password hash: %w", err)
	}
	if sum, err = base64.RawStdEncoding.DecodeString(h); err != nil {
		return nil, nil, fmt.Errorf("stored password hash: %w", err)
	}
	return salt, sum, nil
}
