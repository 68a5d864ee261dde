package invitation

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"unicode/utf16"
	"unicode/utf8"
)

// Verdict says whether a password fits an invitation.
type Verdict string

// Verdicts, as INTERFACE.md names them. A wrong password is never taken for a
// right one; what the file can't tell is said to be so.
const (
	Right        Verdict = "right"
	Wrong        Verdict = "wrong"
	Unverifiable Verdict = "unverifiable" // only the user's PC can tell
	NotGiven     Verdict = "not-given"
)

// Unlock tries a password. For type 2 it answers Right, with the addresses
// inside, best first, or Wrong. The other types hold nothing to try it on:
// Unverifiable, with the addresses that are readable without it.
// Neither password nor addresses are kept.
func (inv Invitation) Unlock(password string) (Verdict, []Endpoint) {
	sealed := inv.sealed()
	if sealed == nil {
		return Unverifiable, inv.Endpoints
	}
	found, ok := open(sealed, password)
	if !ok {
		return Wrong, inv.Endpoints
	}
	return Right, found
}

// Fits gives a quick test for many passwords, nil where none can be told.
func (inv Invitation) Fits() func(password string) bool {
	sealed := inv.sealed()
	if sealed == nil {
		return nil
	}
	return func(password string) bool {
		_, ok := open(sealed, password)
		return ok
	}
}

// sealed is the encrypted ticket, nil where there is none.
func (inv Invitation) sealed() []byte {
	if inv.Format != RA2 {
		return nil
	}
	d, r := decode(inv.File).read()
	if r != nil {
		return nil
	}
	b, r := unhex(solid(d.lhTicket))
	if r != nil || len(b) == 0 {
		return nil
	}
	return b
}

// open decrypts an LHTICKET ([MS-RAIOP] 4.1: AES-128-CBC, zero IV, PKCS#7,
// UTF-16LE). There is no MAC, so everything that must hold is asked for: the
// padding, the alphabet, the root and a listener.
func open(sealed []byte, password string) ([]Endpoint, bool) {
	block, err := aes.NewCipher(deriveKey(password))
	if err != nil {
		return nil, false
	}
	var first [blockSize]byte
	block.Decrypt(first[:], sealed)
	if first[0] != '<' || first[1] != 0 || first[2] != 'E' || first[3] != 0 {
		return nil, false
	}
	plain := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, make([]byte, blockSize)).CryptBlocks(plain, sealed)
	plain, ok := unpad(plain)
	if !ok {
		return nil, false
	}
	text, ok := strictUTF16(plain)
	if !ok {
		return nil, false
	}
	s := scanner{text: text}
	if ok, r := s.next(); r != nil || !ok || string(s.name) != "E" {
		return nil, false
	}
	l, r := listeners(&s)
	return l.endpoints, r == nil && len(l.endpoints) > 0
}

// deriveKey is CryptDeriveKey's rule for SHA-1 where 16 bytes are wanted.
func deriveKey(password string) []byte {
	var p []byte
	for _, u := range utf16.Encode([]rune(password)) {
		p = append(p, byte(u), byte(u>>8))
	}
	h := sha1.Sum(p)
	var pad [64]byte
	for i := range pad {
		pad[i] = 0x36
	}
	for i, b := range h {
		pad[i] ^= b
	}
	key := sha1.Sum(pad[:])
	return key[:16]
}

func unpad(b []byte) ([]byte, bool) {
	n := int(b[len(b)-1])
	if n == 0 || n > blockSize {
		return nil, false
	}
	for _, c := range b[len(b)-n:] {
		if int(c) != n {
			return nil, false
		}
	}
	return b[:len(b)-n], true
}

// strictUTF16 takes whole, paired UTF-16LE only.
func strictUTF16(b []byte) ([]byte, bool) {
	out := make([]byte, 0, len(b)/2+8)
	for ; len(b) > 1; b = b[2:] {
		r := rune(b[0]) | rune(b[1])<<8
		if utf16.IsSurrogate(r) {
			if len(b) < 4 {
				return nil, false
			}
			if r = utf16.DecodeRune(r, rune(b[2])|rune(b[3])<<8); r == utf8.RuneError {
				return nil, false
			}
			b = b[2:]
		}
		out = utf8.AppendRune(out, r)
	}
	return out, len(b) == 0
}
