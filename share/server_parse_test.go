package share_test

import (
	"encoding/hex"
	"regexp"
	"strings"
	"testing"

	"inviter/share"
)

// descriptor is what a Samba server says of a file of its user 1001.
const descriptor = "0100009014000000000000000000000000000000" + "010500000000000515000000a53896d874cdf6c6622c54a1e9030000"

func TestOwnerIn(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		descriptor: "S-1-5-21-3633723557-3338063220-2706648162-1001",
		"0100009014000000000000000000000000000000" + "010100000000001200000000":                  "S-1-18-0",
		"0100009014000000000000000000000000000000" + "010000ffffffffff":                          "S-1-1099511627775",
		"0100009000000000000000000000000000000000" + "010100000000000512000000":                  "", // no owner
		"0100009004000000000000000000000000000000" + "010100000000000512000000":                  "", // in the header
		"01000090f0ffffff000000000000000000000000" + "010100000000000512000000":                  "", // outside
		"0100009014000000000000000000000000000000" + "020100000000000512000000":                  "", // another revision
		"0100009014000000000000000000000000000000" + "010200000000000512000000":                  "", // cut short
		"0100009014000000000000000000000000000000" + "01100000000000" + strings.Repeat("00", 80): "", // too many parts
		"01000090140000": "",
		"":               "",
	} {
		raw, err := hex.DecodeString(in)
		must(t, err)
		if got, err := share.OwnerIn(raw); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestNobodys(t *testing.T) {
	t.Parallel()
	for account, want := range map[string]bool{
		"S-1-5-32-544": true, "S-1-5-18": true, "S-1-22-1-0": true, "S-1-5-21-1-2-3-501": true,
		"S-1-5-21-1-2-3-1501": false, "S-1-5-21-1-2-3-1001": false, "S-1-22-1-1000": false, "S-1-5-32-5440": false,
	} {
		if share.Nobodys(account) != want {
			t.Errorf("%s: %v", account, !want)
		}
	}
}

func FuzzOwnerIn(f *testing.F) {
	raw, _ := hex.DecodeString(descriptor)
	f.Add(raw)
	f.Add(raw[:20])
	sid := regexp.MustCompile(`^S-1-[0-9]+(-[0-9]+){0,15}$`)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if owner, err := share.OwnerIn(raw); err == nil && !sid.MatchString(owner) || err != nil && owner != "" {
			t.Errorf("%q, %v", owner, err)
		}
	})
}

func TestSound(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		".": true, "a": true, "a/b c.msrcIncident": true, ".inviter-0123": true, "über/ä\u202e": true, "con": true,
		"": false, "..": false, "a/../b": false, "./a": false, "/a": false, "a/": false, "a//b": false, `a\b`: false,
		"a:b": false, "a\nb": false, "a\x00": false, "a*": false, "a?": false, "a|b": false, `"`: false, "a\xff": false, "a\ufffd": false,
	} {
		if share.Sound(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

// Whatever a sound name is, it stays below the folder it is sent for.
func FuzzSound(f *testing.F) {
	f.Add("a/b")
	f.Add(`..\a:b`)
	f.Fuzz(func(t *testing.T, name string) {
		if !share.Sound(name) || name == "." {
			return
		}
		for part := range strings.SplitSeq(name, "/") {
			if strings.Trim(part, ".") == "" && len(part) < 3 || strings.ContainsAny(part, "\\:\x00") {
				t.Errorf("%q", name)
			}
		}
	})
}

// setup is a message as a server sends it in a log-in.
func setup(command, status, flags byte) string {
	m := make([]byte, 76)
	copy(m[4:], "\xfeSMB\x40")
	m[3], m[4+12], m[4+8], m[4+66] = 72, command, status, flags
	return string(m)
}

func TestGuestIn(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]bool{
		setup(1, 0x16, 1) + setup(1, 0, 0):    false, // more processing required: says nothing yet
		setup(0, 0, 1) + setup(1, 0, 4):       false, // encrypted
		setup(1, 0x16, 0) + setup(1, 0, 1):    true,
		setup(1, 0, 2):                        true, // nobody
		setup(1, 0, 1)[:60]:                   false,
		"\x00\x00\x00\x02ab" + setup(1, 0, 1): true,
		"":                                    false,
	} {
		if share.GuestIn([]byte(said)) != want {
			t.Errorf("%q: %v", said, !want)
		}
	}
}

func FuzzGuestIn(f *testing.F) {
	f.Add([]byte(setup(1, 0x16, 0) + setup(1, 0, 1)))
	f.Fuzz(func(t *testing.T, said []byte) {
		if share.GuestIn(said) && len(said) < 76 {
			t.Errorf("%q", said)
		}
	})
}
