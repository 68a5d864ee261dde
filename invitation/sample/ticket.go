package sample

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"strings"
)

// ticket is what both connection strings say, in their own spellings.
type ticket struct {
	session, keyHash, stub, certificate string
	hosts                               []string
}

// string1 is connection string 1 of [MS-RAI] 2.2.1: eight comma fields. Windows
// never writes link-local IPv6 into it, and it has no place for a URI.
func (t ticket) string1() string {
	foreign := func(h string) bool { return strings.HasPrefix(h, "[fe80") || isURI(h) }
	hosts := slices.DeleteFunc(slices.Clone(t.hosts), foreign)
	return "65538,1," + strings.Join(hosts, ";") + ",*," + t.session + ",*,*," + t.keyHash
}

// string2 is connection string 2 of [MS-RAI] 2.2.2, with the line end that
// Windows puts behind it.
func (t ticket) string2() string {
	var b strings.Builder
	b.WriteString("<E><A" + attribute("KH", t.keyHash))
	if t.certificate != "" {
		b.WriteString(attribute("CE", lines(t.certificate, 64)))
	}
	b.WriteString(attribute("ID", t.session) + `/><C><T ID="1" SID="0">`)
	for _, h := range t.hosts {
		host, port, err := net.SplitHostPort(h)
		if err != nil || isURI(h) {
			b.WriteString("<L" + attribute("U", h) + "/>")
			continue
		}
		fmt.Fprintf(&b, "<L%s%s/>", attribute("P", port), attribute("N", host))
	}
	return b.String() + "</T></C></E>\r\n"
}

// isURI tells a WebSocket address; "wss://gate/x" would pass for a host "wss".
func isURI(endpoint string) bool { return strings.Contains(endpoint, "://") }

func lines(s string, width int) string {
	var b strings.Builder
	for len(s) > width {
		b.WriteString(s[:width] + "\n")
		s = s[width:]
	}
	return b.String() + s + "\n"
}

// seal encrypts connection string 2 as LHTICKET has it: AES-128-CBC over
// UTF-16LE with a zero IV and PKCS#7 padding, as upper-case hex.
func seal(password, text string) string {
	plain := utf16Bytes(text, false)
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher(deriveKey(password))
	if err != nil {
		panic(err) // 16 bytes are always a key
	}
	cipher.NewCBCEncrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(plain, plain)
	return strings.ToUpper(hex.EncodeToString(plain))
}

// deriveKey is CryptDeriveKey's rule for SHA-1 and a 16-byte key.
func deriveKey(password string) []byte {
	h := sha1.Sum(utf16Bytes(password, false))
	pad := bytes.Repeat([]byte{0x36}, 64)
	for i, b := range h {
		pad[i] ^= b
	}
	key := sha1.Sum(pad)
	return key[:16]
}
