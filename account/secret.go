package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// kind is what a secret is good for. One kind never passes for another.
type kind string

const (
	kindSession kind = "session"
	kindLink    kind = "link"
	kindAPI     kind = "api"
	kindIntake  kind = "intake"
)

// TokenPrefix begins every API and intake token, so that people and secret
// scanners recognise one where it should not be.
const TokenPrefix = "inv_"

// maxSecret bounds what is hashed for an unknown bearer, in bytes.
const maxSecret = 128

// newSecret draws 256 bits, in letters and digits that survive URLs, shells
// and double clicks.
func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: it ends the program instead
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

// digest is what the database knows of a secret. A fast hash is enough for 256
// random bits. ok is false for what can't be one of ours.
func digest(secret string) (hash []byte, ok bool) {
	if secret == "" || len(secret) > maxSecret {
		return nil, false
	}
	h := sha256.Sum256([]byte(secret))
	return h[:], true
}
