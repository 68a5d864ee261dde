package invitation_test

import (
	"bytes"
	"crypto/aes"
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
