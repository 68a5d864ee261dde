package peers_test

import (
	"fmt"
	"html"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"inviter/invitation"
	"inviter/invitation/sample"
)

// read is what we make of the same question.
func read(t *testing.T, q question) answer {
	t.Helper()
	inv, err := invitation.Parse(q.file)
	if err != nil {
		t.Fatalf("we can't read it: %v\n%q", err, q.file)
	}
	verdict, endpoints := inv.Unlock(q.password)
	a := answer{accepted: verdict == invitation.Right, user: inv.User, encrypted: inv.PasswordRequired, minutes: inv.Minutes}
	if !inv.Start.IsZero() {
		a.start = inv.Start.Unix()
	}
	for _, e := range endpoints {
		a.addresses = append(a.addresses, e.String())
	}
	a.addresses = sorted(a.addresses)
	return a
}

// agree compares the two readers of invitation i, opened with its password:
// each must have all its addresses, FreeRDP those that it can see.
func (f freerdp) agree(t *testing.T, s shape, i sample.Invitation, ours, theirs answer) {
	t.Helper()
	if want := sorted(slices.Clone(i.Endpoints)); !slices.Equal(ours.addresses, want) {
		t.Errorf("we see %q\nof      %q", ours.addresses, want)
	}
	if want := f.sees(s, i.Endpoints); !slices.Equal(theirs.addresses, want) {
		t.Errorf("FreeRDP sees %q\nof           %q", theirs.addresses, want)
	}
	if s == type2 && !ours.accepted {
		t.Error("we take the right password for a wrong one")
	}
	if !theirs.accepted && (s != type1 || i.Password != "") { // without one there is no PassStub, which it wants
		t.Error("FreeRDP doesn't open it")
	}
	i.Encoding = sample.UTF8
	if want := passStub(s.write(i)); theirs.stub != want {
		t.Errorf("FreeRDP makes the proof of %q instead of %q", theirs.stub, want)
	}
	ours.accepted, ours.addresses, ours.stub, theirs.accepted, theirs.addresses, theirs.stub = false, nil, "", false, nil, ""
	if fmt.Sprint(ours) != fmt.Sprint(theirs) {
		t.Errorf("we read      %+v\nFreeRDP read %+v", ours, theirs)
	}
}

var stubWritten = regexp.MustCompile(` PassStub="([^"]*)"`)

// passStub is what was written of it, "" if nothing. We only hand it on.
func passStub(file []byte) string {
	m := stubWritten.FindSubmatch(file)
	if m == nil {
		return ""
	}
	return html.UnescapeString(string(m[1]))
}

// TestFreeRDPReadsTheSame has both read whatever may be written. FreeRDP knows
// 8-bit text only, so it is given that of what we read in any encoding.
func TestFreeRDPReadsTheSame(t *testing.T) {
	t.Parallel()
	const seeds = 120
	f := build(t)
	var questions []question
	for seed := range uint64(seeds) {
		for _, s := range shapes() {
			i := s.fit(draw(seed))
			i.Encoding = sample.UTF8
			questions = append(questions, question{s.write(i), i.Password})
		}
	}
	theirs := f.ask(t, questions)
	for seed := range uint64(seeds) {
		for n, s := range shapes() {
			t.Run(fmt.Sprint(seed, " ", s), func(t *testing.T) {
				i := s.fit(draw(seed))
				ours := read(t, question{s.write(i), i.Password})
				f.agree(t, s, i, ours, theirs[int(seed)*len(shapes())+n])
			})
		}
	}
}

// TestFreeRDPTriesPasswordsAlike tries right passwords, near misses, and so
// many wrong ones that some of them leave a plausible padding.
func TestFreeRDPTriesPasswordsAlike(t *testing.T) {
	t.Parallel()
	f := build(t)
	var questions []question
	var right []bool
	try := func(i sample.Invitation, tried string) {
		questions = append(questions, question{i.RA2(), tried})
		right = append(right, tried == i.Password)
	}
	for seed := range uint64(20) {
		i := draw(seed)
		i.Encoding = sample.UTF8
		for _, tried := range nearMisses(i.Password) {
			try(i, tried)
		}
	}
	r := rand.New(rand.NewPCG(1, 4))
	for range 400 {
		try(sample.Invitation{User: "jane", Password: "CDFG2345HJKL", Endpoints: []string{"10.0.1.174:64733"}}, windowsPassword(r))
	}
	for n, theirs := range f.ask(t, questions) {
		q := questions[n]
		ours := read(t, q)
		if ours.accepted != right[n] || theirs.accepted != right[n] || theirs.died {
			t.Errorf("%q: right %v, we say %v, FreeRDP %+v\n%s", q.password, right[n], ours.accepted, theirs, q.file)
		}
	}
}

func nearMisses(password string) []string {
	all := []string{
		password, password + " ", " " + password, password + password, strings.ToLower(password), strings.ToUpper(password),
		strings.TrimSpace(password), "", "x", "wrong",
	}
	if runes := []rune(password); len(runes) > 0 {
		all = append(all, string(runes[1:]), string(runes[:len(runes)-1]))
	}
	return sorted(all)
}
