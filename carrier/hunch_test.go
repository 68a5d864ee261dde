package carrier_test

import (
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"inviter/carrier"
)

// What the patterns find is never held back from them.
func TestHunchesMissNothing(t *testing.T) {
	t.Parallel()
	words := regexp.MustCompile(`\S+`)
	parts := []string{"Password", "PASSWORT", "pa\u017f\u017fword", "pas\u017fcode", "\u212aennwort", "kennwort", "pwd", "PW", "p", "a", "w", "is", "ist", ":", "=",
		" ", "\t", "\n", "\f", "\r", "\v", "\u00a0", "BCDF", "2345", "GHJK", "BCDF-2345-GHJK", "BCDF 2345 GHJK", "AEIO", "-", "secret1!", "\xff", "\xc5", "hunter2", "ü", ""}
	r := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 200_000 {
		var b strings.Builder
		for range 1 + r.IntN(8) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		text := b.String()
		if carrier.Generated.MatchString(text) {
			found++
			if !carrier.MayGenerate(text) {
				t.Fatalf("a generated one in %q is missed", text)
			}
		}
		if carrier.Announced.MatchString(text) || carrier.Said.MatchString(text) {
			found++
			if !carrier.MayAnnounce(text) {
				t.Fatalf("an announced one in %q is missed", text)
			}
		}
		most := 1 + r.IntN(4)
		if got, want := carrier.WordsOf(text, most), words.FindAllStringIndex(text, most); !alike(got, want) {
			t.Fatalf("words of %q: %v, want %v", text, got, want)
		}
	}
	if found < 1000 {
		t.Errorf("only %d texts held anything", found)
	}
}

func alike(got [][2]int, want [][]int) bool {
	var same [][]int
	for _, w := range got {
		same = append(same, w[:])
	}
	return reflect.DeepEqual(same, want)
}

// An ordinary note gives no reason to look closely.
func TestHunchesPassOrdinaryText(t *testing.T) {
	t.Parallel()
	if text := "Hello, my printer on the second floor prints an empty page. Please help, Jane (ext. 417)"; carrier.MayAnnounce(text) || carrier.MayGenerate(text) {
		t.Error("an ordinary text arouses suspicion")
	}
}
