package lsa_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"testing"

	"inviter/share/lsa"
)

// script is a server that answers whatever it was made with, in order.
type script struct {
	answers [][]byte
	asked   bytes.Buffer
}

func (s *script) Write(b []byte) (int, error) { return s.asked.Write(b) }

func (s *script) Read(b []byte) (int, error) {
	if len(s.answers) == 0 {
		return 0, io.EOF
	}
	n := copy(b, s.answers[0])
	s.answers = s.answers[1:]
	return n, nil
}

func raw(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// message puts a header before a body.
func message(kind, id byte, body []byte) []byte {
	m := []byte{5, 0, kind, 3, 0x10, 0, 0, 0, byte(16 + len(body)), 0, 0, 0, id, 0, 0, 0}
	return append(m, body...)
}

const (
	ack    = "b810b8100000010007006c73617270630000" + "0000" + "01000000" + "00000000"
	policy = "0000000000000000" + "00000000" + "0102030405060708090a0b0c0d0e0f10" + "00000000"
	// HOST in the list of domains, and "ann", a user of it.
	ann = "0000000000000000" +
		"00000200" + "01000000" + "04000200" + "20000000" + "01000000" + "08000a00" + "08000200" + "0c000200" +
		"05000000" + "00000000" + "04000000" + "48004f0053005400" +
		"04000000" + "0104000000000005" + "15000000" + "01000000" + "02000000" + "03000000" +
		"01000000" + "10000200" + "01000000" + "01000000" + "06000600" + "14000200" + "00000000" +
		"03000000" + "00000000" + "03000000" + "61006e006e000000" + "01000000" + "00000000"
	group   = "0000000000000000" + "00000000" + "01000000" + "10000200" + "01000000" + "04000000" + "02000200" + "14000200" + "00000000" + "01000000" + "00000000" + "01000000" + "67000000" + "01000000" + "00000000"
	unknown = "0000000000000000" + "00000000" + "00000000" + "00000000" + "00000000" + "730000c0"
	denied  = "0000000000000000" + "00000000" + "00000000" + "00000000" + "00000000" + "220000c0"
	endless = "0000000000000000" + "00000200" + "ffffffff" + "04000200" + "20000000" + "ffffffff"
)

// sid is S-1-5-21-1-2-3-1001.
const sid = "010500000000000515000000010000000200000003000000e9030000"

func TestLookup(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		want   lsa.Account
		err    error
	}{
		"user":    {answer: ann, want: lsa.Account{Name: "ann", Person: true}},
		"group":   {answer: group, want: lsa.Account{Name: "g"}},
		"unknown": {answer: unknown, err: lsa.ErrUnknown},
		"denied":  {answer: denied, err: errAny},
		"endless": {answer: endless, err: errAny},
		"short":   {answer: ann[:len(ann)-16], err: errAny},
		"nothing": {answer: "", err: errAny},
	} {
		s := &script{answers: [][]byte{message(12, 1, raw(t, ack)), message(2, 2, raw(t, policy)), message(2, 3, raw(t, c.answer))}}
		got, err := lsa.Lookup(s, raw(t, sid))
		if got != c.want || (err == nil) != (c.err == nil) || c.err != errAny && !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if !bytes.Contains(s.asked.Bytes(), raw(t, sid)) {
			t.Errorf("%s: never asked for the SID", name)
		}
	}
}

// errAny is any error.
var errAny = errors.New("any")

func TestLookupOfAServerThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	refused := "b810b8100000010007006c73617270630000" + "0000" + "01000000" + "02000000"
	for name, answers := range map[string][][]byte{
		"silent":       nil,
		"refused":      {message(12, 1, raw(t, refused))},
		"another kind": {message(3, 1, raw(t, ack))},
		"another call": {message(12, 7, raw(t, ack))},
		"no policy":    {message(12, 1, raw(t, ack)), message(2, 2, raw(t, policy[:len(policy)-8]+"220000c0"))},
		"cut":          {message(12, 1, raw(t, ack))[:20]},
	} {
		if got, err := lsa.Lookup(&script{answers: answers}, raw(t, sid)); err == nil || got != (lsa.Account{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func FuzzLookup(f *testing.F) {
	f.Add(raw(f, ack), raw(f, policy), raw(f, ann))
	f.Add(raw(f, ack), raw(f, policy), raw(f, group))
	f.Add(raw(f, ack), raw(f, policy), raw(f, endless))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		if len(a) > 200 || len(b) > 200 || len(c) > 200 {
			return
		}
		s := &script{answers: [][]byte{message(12, 1, a), message(2, 2, b), message(2, 3, c)}}
		if got, err := lsa.Lookup(s, raw(t, sid)); err != nil && got != (lsa.Account{}) || err == nil && got.Name == "" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
