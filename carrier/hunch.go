package carrier

// Most text holds no password, and the patterns that find one are the dearest
// thing in opening a mail. These tell in one quick look over it whether they
// could find anything; they never say no where they would.

// mayAnnounce tells whether a word for "password" may stand in a text. Of the
// letters compared none has a second form that the patterns would take for it,
// as "ſ" has for "s"; of that one the first byte is known.
func mayAnnounce(text string) bool {
	for i := 0; i+2 < len(text); i++ {
		a, b, c := text[i]|0x20, text[i+1]|0x20, text[i+2]|0x20
		switch {
		case a == 'p' && b == 'w', a == 'p' && b == 'a' && (c == 's' || text[i+2] == 0xC5): // password, pwd, pw
			return true
		case a == 'e' && b == 'n' && c == 'n': // kennwort
			return true
		}
	}
	return false
}

// mayGenerate tells whether four signs of a generated password stand together.
func mayGenerate(text string) bool {
	run := 0
	for i := range len(text) {
		if run++; !ofGenerated(text[i]) {
			run = 0
		}
		if run == 4 {
			return true
		}
	}
	return false
}

func ofGenerated(c byte) bool {
	switch {
	case c == 'A', c == 'E', c == 'I', c == 'O', c == 'U':
		return false
	}
	return 'B' <= c && c <= 'Z' || '2' <= c && c <= '9'
}

// wordsOf are where the first words of a text begin and end, at most so many.
func wordsOf(text string, most int) (words [][2]int) {
	begin := -1
	for i := 0; i <= len(text) && len(words) < most; i++ {
		blank := i == len(text) || text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\f' || text[i] == '\r'
		switch {
		case !blank && begin < 0:
			begin = i
		case blank && begin >= 0:
			words = append(words, [2]int{begin, i})
			begin = -1
		}
	}
	return words
}
