package queue

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"inviter/ticket"
)

// keySize is that of AES-256.
const keySize = 32

// seal encrypts invitation files, each under a key of its own (AES-256-GCM),
// which is stored wrapped in the key file's. Both are bound to their ticket's
// number: a file or key moved to another ticket doesn't open.
type seal struct {
	outer cipher.AEAD
}

func newSeal(key [keySize]byte) (*seal, error) {
	a, err := aead(key[:])
	return &seal{outer: a}, err
}

// close encrypts a ticket's file.
func (s *seal) close(id ticket.ID, file []byte) (wrapped, body []byte, err error) {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	inner, err := aead(key)
	if err != nil {
		return nil, nil, err
	}
	return encrypt(s.outer, key, "key", id), encrypt(inner, file, "file", id), nil
}

// open decrypts a ticket's file.
func (s *seal) open(id ticket.ID, wrapped, body []byte) ([]byte, error) {
	key, err := decrypt(s.outer, wrapped, "key", id)
	if err != nil {
		return nil, fmt.Errorf("unwrap the file's key: %w", err)
	}
	inner, err := aead(key)
	if err != nil {
		return nil, err
	}
	return decrypt(inner, body, "file", id)
}

func aead(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func encrypt(a cipher.AEAD, plain []byte, what string, id ticket.ID) []byte {
	return a.Seal(nil, nil, plain, bound(what, id))
}

func decrypt(a cipher.AEAD, sealed []byte, what string, id ticket.ID) ([]byte, error) {
	plain, err := a.Open(nil, nil, sealed, bound(what, id))
	if err != nil {
		return nil, errors.New("an encrypted " + what + " was changed or belongs to another ticket")
	}
	return plain, nil
}

// bound is the additional data: what is encrypted, and whose it is.
func bound(what string, id ticket.ID) []byte {
	return []byte("inviter " + what + " of ticket " + id.String())
}
