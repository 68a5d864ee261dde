package invitation_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"reflect"
	"testing"

	"inviter/invitation"
)

// TestPublishedCheckValue is [MS-RAIOP] 4.1: the derived key turns "SAMPLE" in
// UTF-16LE, padded to a block, into the published one.
func TestPublishedCheckValue(t *testing.T) {
	t.Parallel()
	key := invitation.DeriveKey("30E3DBFB314B409A70BCCE744CADE65F")
	c, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	block := append([]byte("S\x00A\x00M\x00P\x00L\x00E\x00"), 4, 4, 4, 4)
	c.Encrypt(block, block) // one block, zero IV
	if got := hex.EncodeToString(block); got != "7fd654482fe09273d76985b01d4b7a4b" {
		t.Error(got)
	}
}

func TestUnlock(t *testing.T) {
	t.Parallel()
	inside := append(best[:2:2], invitation.Endpoint{Host: "fe80::1%3", Port: 50000})
	copied := jane
	copied.Copy, copied.Certificate = true, true
	for name, c := range map[string]struct {
		file      []byte
		password  string
		verdict   invitation.Verdict
		endpoints []invitation.Endpoint
	}{
		"right":           {jane.RA2(), "CDFG2345HJKL", invitation.Right, inside},
		"right, big file": {copied.RA2(), "CDFG2345HJKL", invitation.Right, inside},
		"wrong":           {jane.RA2(), "CDFG2345HJKM", invitation.Wrong, nil},
		"wrong, copy":     {copied.RA2(), "cdfg2345hjkl", invitation.Wrong, best},
		"empty":           {jane.RA2(), "", invitation.Wrong, nil},
		"type 1":          {jane.RA1(), "CDFG2345HJKL", invitation.Unverifiable, best},
		"bare":            {jane.ConnectionString(), "x", invitation.Unverifiable, inside},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verdict, endpoints := parse(t, c.file).Unlock(c.password)
			if verdict != c.verdict || !reflect.DeepEqual(endpoints, c.endpoints) {
				t.Errorf("%s %v, want %s %v", verdict, endpoints, c.verdict, c.endpoints)
			}
		})
	}
}

func TestUnlockTakesAnyPassword(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"", "ä€𝄞 & \"", string(bytes.Repeat([]byte("x"), 1000))} {
		i := jane
		i.Password = password
		if verdict, _ := parse(t, i.RA2()).Unlock(password); verdict != invitation.Right {
			t.Errorf("%.10q is %s", password, verdict)
		}
	}
}

// TestWrongPasswordsNeverFit: the padding alone would let 1 in 256 through.
func TestWrongPasswordsNeverFit(t *testing.T) {
	t.Parallel()
	inv := parse(t, jane.RA2())
	for n := range 2000 {
		if verdict, _ := inv.Unlock(fmt.Sprint(n)); verdict != invitation.Wrong {
			t.Fatalf("%d is %s", n, verdict)
		}
	}
}

func TestUnlockOfADamagedTicket(t *testing.T) {
	t.Parallel()
	file := jane.RA2()
	at := bytes.Index(file, []byte(`" PassStub`)) - 40
	file[at] ^= 1 // another hex digit in the last but one block
	if verdict, _ := parse(t, file).Unlock("CDFG2345HJKL"); verdict == invitation.Right {
		t.Error("a damaged ticket unlocked")
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	fits := parse(t, jane.RA2()).Fits()
	if !fits("CDFG2345HJKL") || fits("CDFG2345HJKM") {
		t.Error("the wrong one fits")
	}
	if parse(t, jane.RA1()).Fits() != nil || parse(t, jane.ConnectionString()).Fits() != nil {
		t.Error("nothing can be told of the other types")
	}
}

// sealed encrypts whatever it is given, padded as told.
func sealed(t *testing.T, plain, padding []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(invitation.DeriveKey("x"))
	if err != nil {
		t.Fatal(err)
	}
	b := append(bytes.Clone(plain), padding...)
	cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(b, b)
	return b
}

// wide is a text in UTF-16LE, filled with blanks to whole blocks and n bytes less.
func wide(text string, less int) []byte {
	var b []byte
	for _, c := range []byte(text) {
		b = append(b, c, 0)
	}
	for len(b)%16 != 16-less {
		b = append(b, ' ', 0)
	}
	return b
}

// TestRightMeansAllOfIt: padding, alphabet, root and a listener must be right.
func TestRightMeansAllOfIt(t *testing.T) {
	t.Parallel()
	const whole = `<E><A/><C><T><L P="1" N="h"/></T></C></E>`
	pad := func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, n) }
	odd := append(wide(whole, 4)[:len(wide(whole, 4))-1], pad(5)...)
	for name, c := range map[string]struct {
		plain, padding []byte
		want           bool
	}{
		"whole":              {wide(whole, 4), pad(4), true},
		"a whole block more": {append(wide(whole, 2), ' ', 0), pad(16), true},
		"NULs behind":        {wide(whole+"\x00\x00", 4), pad(4), true},
		"padding 0":          {wide(whole, 4), []byte{0, 0, 0, 0}, false},
		"padding over 16":    {append(wide(whole, 2), ' ', 0), append(pad(16)[:15], 17), false},
		"padding uneven":     {wide(whole, 4), []byte{4, 3, 4, 4}, false},
		"odd length":         {odd, nil, false},
		"no listener":        {wide("<E><A/></E>", 4), pad(4), false},
		"bad listener":       {wide(`<E><L P="0" N="h"/></E>`, 4), pad(4), false},
		"another root":       {wide(`<Ex><L P="1" N="h"/></Ex>`, 4), pad(4), false},
		"cut":                {wide(whole[:len(whole)-4], 4), pad(4), false},
		"half a character":   {append(wide(whole, 4)[:len(wide(whole, 4))-2], 0, 0xD8), pad(4), false},
		"doctype":            {wide(`<E><!DOCTYPE x><L P="1" N="h"/></E>`, 4), pad(4), false},
	} {
		if _, ok := invitation.Open(sealed(t, c.plain, c.padding), "x"); ok != c.want {
			t.Errorf("%s: %v", name, ok)
		}
	}
}
