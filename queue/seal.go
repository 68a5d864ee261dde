package queue

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"

	"inviter/database"
	"inviter/ticket"
)

// keySize is that of AES-256.
const keySize = 32

// seal encrypts invitation files, each under a key of its own (AES-256-GCM),
// which nobody has in one piece: one half of it lies beside the database, and
// the other in it, wrapped in the key file's key. Backups carry the database
// alone, so when the half beside it is cleared no copy of anything opens the
// file again. Key and file are bound to their ticket's number: moved to another
// ticket they don't open.
type seal struct {
	outer cipher.AEAD
	names []byte // derives what users are given, see status.go
}

func newSeal(key [keySize]byte) (*seal, error) {
	a, err := aead(key[:])
	return &seal{outer: a, names: derive(key[:], "inviter status names")}, err
}

// derive makes a key for one purpose of another key.
func derive(key []byte, purpose string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(purpose))
	return h.Sum(nil)
}

// sealed is an encrypted file with what opens it.
type sealed struct {
	wrapped []byte         // one half of the file's key, under the key file's
	body    []byte         // the file
	half    database.Aside // the other half; zeros once it was cleared
}

// owner is whose file it is: "ticket 42". Moved to another owner it doesn't open.
type owner string

func ofTicket(id ticket.ID) owner { return owner("ticket " + id.String()) }

// close encrypts a file.
func (s *seal) close(of owner, file []byte) (sealed, error) {
	var p sealed
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	_, _ = rand.Read(p.half[:])
	inner, err := aead(key)
	if err != nil {
		return p, err
	}
	p.body = encrypt(inner, file, "file", of)
	subtle.XORBytes(key, key, p.half[:])
	p.wrapped = encrypt(s.outer, key, "key", of)
	return p, nil
}

// open decrypts a file.
func (s *seal) open(of owner, p sealed) ([]byte, error) {
	key, err := decrypt(s.outer, p.wrapped, "key", of)
	if err != nil {
		return nil, fmt.Errorf("unwrap the file's key: %w", err)
	}
	subtle.XORBytes(key, key, p.half[:])
	inner, err := aead(key)
	if err != nil {
		return nil, err
	}
	return decrypt(inner, p.body, "file", of)
}

func aead(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func encrypt(a cipher.AEAD, plain []byte, what string, of owner) []byte {
	return a.Seal(nil, nil, plain, bound(what, of))
}

func decrypt(a cipher.AEAD, sealed []byte, what string, of owner) ([]byte, error) {
	plain, err := a.Open(nil, nil, sealed, bound(what, of))
	if err != nil {
		return nil, errors.New("an encrypted " + what + " was changed or belongs to another ticket or refusal")
	}
	return plain, nil
}

// bound is the additional data: what is encrypted, and whose it is.
func bound(what string, of owner) []byte {
	return []byte("inviter " + what + " of " + string(of))
}
