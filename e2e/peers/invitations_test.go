package peers_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"time"

	"inviter/invitation/sample"
)

// shape is one of the three that Windows and compatible tools write.
type shape string

const (
	type1 shape = "type 1"
	type2 shape = "type 2"
	bare  shape = "bare"
)

func shapes() []shape { return []shape{type1, type2, bare} }

// write writes an invitation in this shape.
func (s shape) write(i sample.Invitation) []byte {
	switch s {
	case type1:
		return i.RA1()
	case type2:
		return i.RA2()
	}
	return i.ConnectionString()
}

// draw makes an invitation up: everything that may vary does. The first address
// is IPv4, as Windows has it.
func draw(seed uint64) sample.Invitation {
	r := rand.New(rand.NewPCG(seed, 3))
	i := sample.Invitation{
		Seed: int64(seed), User: user(r), Password: password(r), Copy: r.IntN(2) == 0, Certificate: r.IntN(3) == 0,
		Encoding: sample.Encodings()[r.IntN(len(sample.Encodings()))],
	}
	if r.IntN(10) > 0 {
		i.Start = time.Unix(1+r.Int64N(1<<32-1), 0).UTC()
		i.Minutes = []int{1, 60, 180, 360, 14400, 1 + r.IntN(1<<31-1), 1<<31 - 1}[r.IntN(7)]
	}
	i.Endpoints = []string{fmt.Sprintf("10.%d.%d.200:%d", r.IntN(256), r.IntN(256), 1+r.IntN(65535))}
	for n := []int{0, 1, 2, 5, 60}[r.IntN(5)]; n > 0; n-- {
		i.Endpoints = append(i.Endpoints, endpoint(r))
	}
	if i.Encoding == sample.Windows1252 {
		i.User = "Jörg Müller-Groß & Söhne"
	}
	return i
}

// user puts a name together of what people, and people who test, are called.
// FreeRDP looks for its words anywhere, so none ends in one and "=".
func user(r *rand.Rand) string {
	words := []string{
		"jane", "Administrator", "Jörg", "Müller & Söhne", "O'Neil", `"Kit"`, "<admin>", "Łukasz", "山田太郎", "عمر", "😀", "a=b", "x;y",
		`DtStart="7"`, `L="1"`, "RCTICKET", "LHTICKET= x", "&amp;", "&#65;", "&quot", "%41", `DOM\jane`, "]]>", "/>", strings.Repeat("ö", 80),
	}
	var name []string
	for n := r.IntN(4); n > 0; n-- {
		name = append(name, words[r.IntN(len(words))])
	}
	return strings.Join(name, " ")
}

// password draws one as Windows does, or one that people think of.
func password(r *rand.Rand) string {
	if r.IntN(2) == 0 {
		return windowsPassword(r)
	}
	own := []string{"secret", "Tulpe 7 €", "pässwörd", "日本語のパスワード", "😀👍", " blank ", "a", `"&<'`, strings.Repeat("long ", 30), ""}
	return own[r.IntN(len(own))]
}

// windowsPassword has 12 of the 29 characters that msra.exe draws from.
func windowsPassword(r *rand.Rand) string {
	const alphabet = "BCDFGHJKLMNPQRSTVWXYZ23456789"
	b := make([]byte, 12)
	for n := range b {
		b[n] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func endpoint(r *rand.Rand) string {
	port := 1 + r.IntN(65535)
	hex := func() int { return 1 + r.IntN(0xfffe) }
	switch r.IntN(8) {
	case 0:
		return fmt.Sprintf("[fe80::%x:%x:%x%%%d]:%d", hex(), hex(), hex(), r.IntN(40), port)
	case 1:
		return fmt.Sprintf("[2001:db8::%x:%x]:%d", hex(), hex(), port)
	case 2:
		return fmt.Sprintf("pc-%d.example.org:%d", r.IntN(1000), port)
	case 3:
		return fmt.Sprintf("büro-%d.example.org:%d", r.IntN(1000), port)
	case 4:
		return fmt.Sprintf("wss://gate%d.example.org/ra", r.IntN(1000))
	case 5:
		return fmt.Sprintf("PC%d:%d", r.IntN(1000), port) // as short as 3 characters
	}
	return fmt.Sprintf("%d.%d.%d.%d:%d", 1+r.IntN(223), r.IntN(256), r.IntN(256), r.IntN(256), port)
}

// fit leaves only addresses that a shape can hold: connection string 1 is from
// before IPv6 and knows no URI ([MS-RAI] 2.2.1).
func (s shape) fit(i sample.Invitation) sample.Invitation {
	if s == type1 {
		i.Endpoints = slices.DeleteFunc(slices.Clone(i.Endpoints), func(e string) bool { return strings.Contains(e, "[") || isURI(e) })
	}
	return i
}

// sees is what FreeRDP can see of the addresses, sorted. Version 2 passes by
// the first of connection string 1 and keeps the semicolon before the others,
// and of connection string 2 it passes by hosts of up to 8 bytes and URIs.
func (f freerdp) sees(s shape, endpoints []string) []string {
	list := slices.Clone(endpoints)
	switch {
	case f.major > 2:
	case s == type1:
		list = list[1:]
		for n := range list {
			list[n] = ";" + list[n]
		}
	default:
		list = slices.DeleteFunc(list, func(e string) bool {
			host, _, err := net.SplitHostPort(e)
			return err != nil || isURI(e) || len(host) <= 8
		})
	}
	return sorted(list)
}

func sorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

func isURI(endpoint string) bool { return strings.Contains(endpoint, "://") }
