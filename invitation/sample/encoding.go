package sample

import "unicode/utf16"

// Encoding is how RA1 and RA2 become bytes.
type Encoding int

// The encodings that were seen in the wild.
const (
	UTF8        Encoding = iota // 8-bit without a mark, as Vista and later save it
	UTF8BOM                     // 8-bit with the mark EF BB BF
	UTF16LE                     // with the mark FF FE, as XP saves it
	UTF16BE                     // with the mark FE FF
	UTF16LEBare                 // without a mark
	UTF16BEBare
	Windows1252 // 8-bit; only characters up to U+00FF are right
)

// Encodings lists every one of them.
func Encodings() []Encoding {
	return []Encoding{UTF8, UTF8BOM, UTF16LE, UTF16BE, UTF16LEBare, UTF16BEBare, Windows1252}
}

// String names the encoding for test output.
func (e Encoding) String() string {
	return [...]string{"utf-8", "utf-8+bom", "utf-16le+bom", "utf-16be+bom", "utf-16le", "utf-16be", "windows-1252"}[e]
}

func (e Encoding) encode(text string) []byte {
	switch e {
	case UTF8BOM:
		return append([]byte{0xEF, 0xBB, 0xBF}, text...)
	case UTF16LE:
		return append([]byte{0xFF, 0xFE}, utf16Bytes(text, false)...)
	case UTF16BE:
		return append([]byte{0xFE, 0xFF}, utf16Bytes(text, true)...)
	case UTF16LEBare:
		return utf16Bytes(text, false)
	case UTF16BEBare:
		return utf16Bytes(text, true)
	case Windows1252:
		return latin(text)
	}
	return []byte(text)
}

func utf16Bytes(text string, big bool) []byte {
	units := utf16.Encode([]rune(text))
	b := make([]byte, 0, 2*len(units))
	for _, u := range units {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}

func latin(text string) []byte {
	b := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xFF {
			r = '?'
		}
		b = append(b, byte(r))
	}
	return b
}
