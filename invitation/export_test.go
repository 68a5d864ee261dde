package invitation

// Seams for tests of what has published check values.
var (
	DeriveKey = deriveKey
	Open      = open
)

// Element is a start tag as the scanner sees it: the attributes' names and
// values, one after the other.
type Element struct {
	Name       string
	Attributes []string
}

// Scan runs the XML scanner alone over a text. It gives the elements up to the
// end or the refusal, and how many bytes the scanner passed.
func Scan(text []byte) (list []Element, passed int, r *Refusal) {
	s := scanner{text: text}
	for {
		more, r := s.next()
		if r != nil || !more {
			return list, s.at, r
		}
		e := Element{Name: string(s.name)}
		for _, a := range s.attributes {
			e.Attributes = append(e.Attributes, string(a.name), string(unescape(a.value)))
		}
		list = append(list, e)
	}
}
