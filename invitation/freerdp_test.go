package invitation_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"inviter/invitation"
	"inviter/invitation/sample"
)

// freerdp builds the small program that asks FreeRDP's library. Newer
// distributions no longer have version 2, so its lack fails nothing.
func freerdp(t *testing.T) string {
	t.Helper()
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "freerdp2", "winpr2").Output()
	if err != nil {
		t.Skip("missing: pkg-config, freerdp2-dev")
	}
	program := filepath.Join(t.TempDir(), "read")
	args := append([]string{"-o", program, "testdata/freerdp/read.c"}, strings.Fields(string(flags))...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// reading is what both readers say of a file.
type reading struct {
	user, start, minutes string
	addresses            []string // sorted
}

var line = regexp.MustCompile(`(Username|DtStart|DtLength|MachineAddress|MachinePort)[^:]*: (.*)`)

func readByFreeRDP(t *testing.T, program string, file []byte, password string) reading {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.msrcIncident")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, name, password).Output()
	if err != nil {
		t.Fatalf("FreeRDP can't read it: %v\n%s", err, file)
	}
	var r reading
	for _, m := range line.FindAllStringSubmatch(string(out), -1) {
		switch m[1] {
		case "Username":
			r.user = strings.TrimSuffix(m[2], "(nil)")
		case "DtStart":
			r.start = m[2]
		case "DtLength":
			r.minutes = m[2]
		case "MachineAddress":
			r.addresses = append(r.addresses, m[2])
		case "MachinePort":
			r.addresses[len(r.addresses)-1] += " " + m[2]
		}
	}
	slices.Sort(r.addresses)
	return r
}

func readByUs(t *testing.T, file []byte, password string) reading {
	t.Helper()
	inv := parse(t, file)
	r := reading{user: inv.User, start: "0", minutes: fmt.Sprint(inv.Minutes)}
	if !inv.Start.IsZero() {
		r.start = fmt.Sprint(inv.Start.Unix())
	}
	verdict, endpoints := inv.Unlock(password)
	if verdict == invitation.Wrong {
		t.Fatal("the password doesn't fit")
	}
	for _, e := range endpoints {
		r.addresses = append(r.addresses, fmt.Sprint(e.Host, " ", e.Port))
	}
	slices.Sort(r.addresses)
	return r
}

// TestFreeRDPAgrees compares with a reader that knows nothing of ours. It
// doesn't know UTF-16, and of a type 1's addresses it reads the last one only.
func TestFreeRDPAgrees(t *testing.T) {
	t.Parallel()
	program := freerdp(t)
	plain := sample.Invitation{User: "jane", Password: "CDFG2345HJKL", Start: start, Minutes: 180}
	for name, change := range map[string]func(*sample.Invitation){
		"as made up":    func(*sample.Invitation) {},
		"with copy":     func(i *sample.Invitation) { i.Copy = true },
		"Windows 11":    func(i *sample.Invitation) { i.Certificate = true },
		"other secret":  func(i *sample.Invitation) { i.Password = "Tulip 7 €" },
		"names and v6":  func(i *sample.Invitation) { i.Endpoints = []string{"pc7.example.org:3389", "[2001:db8::7]:49230"} },
		"other user":    func(i *sample.Invitation) { i.User, i.Seed = "Administrator", 7 },
		"other minutes": func(i *sample.Invitation) { i.Minutes = 14400 },
	} {
		i := plain
		change(&i)
		two := i
		two.Endpoints = []string{"pc7:3389", "10.0.0.7:3389"}
		for shape, file := range map[string][]byte{
			"ra1": two.RA1(), "ra2": i.RA2(), "bare": i.ConnectionString(), "ra2 mended": parse(t, hardWrap(i.RA2(), 110, "\r\n")).File,
		} {
			t.Run(name+" "+shape, func(t *testing.T) {
				t.Parallel()
				theirs, ours := readByFreeRDP(t, program, file, i.Password), readByUs(t, file, i.Password)
				if shape == "ra1" {
					theirs.addresses = []string{strings.TrimPrefix(theirs.addresses[0], ";"), "pc7 3389"}
				}
				if fmt.Sprint(theirs) != fmt.Sprint(ours) || len(ours.addresses) == 0 {
					t.Errorf("FreeRDP %+v\nwe      %+v", theirs, ours)
				}
			})
		}
	}
}
