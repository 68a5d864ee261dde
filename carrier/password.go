package carrier

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"inviter/invitation"
)

// mask is what stands where a password stood.
const mask = "••••••••"

// Bounds of the search for written passwords.
const (
	maxTokens  = 1000
	maxSecrets = 50
	maxTried   = 10 // invitations
)

var (
	// generated are the passwords that Windows makes: 12 of 29 letters and
	// digits ([MS-RAIOP]), in one piece or in groups of four. A letter must be
	// among them, else article numbers match.
	generated = regexp.MustCompile(`\b[BCDFGHJKLMNPQRSTVWXYZ2-9]{4}([ -]?)[BCDFGHJKLMNPQRSTVWXYZ2-9]{4}([ -]?)[BCDFGHJKLMNPQRSTVWXYZ2-9]{4}\b`)

	// announced are words behind "password:". Without a colon or equals sign
	// ("the password is not accepted") anything could follow.
	announced = regexp.MustCompile(`(?i)\b(?:password|passwort|passwd|passcode|passphrase|kennwort|pwd|pw)\b[ \t]*(?:is|ist|lautet)?[ \t]*[:=][ \t]*(\S{3,64})`)

	// said are words behind "the password is", or behind "password" alone. Only
	// what looks like one is taken for one: see unspeakable.
	said = regexp.MustCompile(`(?i)\b(?:password|passwort|passwd|passcode|passphrase|kennwort|pwd|pw)[ \t]+(?:(?:is|was|ist|war|lautet)[ \t]+)?(\S{4,64})`)
)

// Mask masks passwords in a text that came with invitations: a note, a subject,
// a file name. It returns how many different ones it found.
func Mask(text string, found []Found) (string, int) {
	s := newSecrets(found)
	s.collect(text)
	return s.mask(text), len(s.list)
}

// mask masks the passwords in everything that is shown, and sets the text.
func (o *opener) mask(text string) {
	c := &o.content
	s := newSecrets(c.Found)
	for _, shown := range []string{c.Header.Subject, c.Inner.Subject, text} {
		s.collect(shown)
	}
	for _, f := range c.Found {
		s.name(f.Path)
	}
	for _, r := range c.Refused {
		s.name(r.Path)
	}
	for _, code := range c.Codes {
		if code.secret != "" {
			s.add(code.secret)
		}
	}
	c.Passwords = len(s.list)
	c.Text = CleanText(s.mask(text))
	c.Header.Subject, c.Inner.Subject = s.mask(c.Header.Subject), s.mask(c.Inner.Subject)
	for i := range c.Found {
		c.Found[i].Path = s.mask(c.Found[i].Path)
	}
	for i := range c.Refused {
		c.Refused[i].Path = s.mask(c.Refused[i].Path)
	}
}

// secrets are passwords found so far, and the tests that prove one.
type secrets struct {
	fits   []func(string) bool
	tokens int
	list   []string
}

func newSecrets(found []Found) *secrets {
	s := &secrets{}
	for _, f := range found {
		if fits := f.Fits(); fits != nil && len(s.fits) < maxTried {
			s.fits = append(s.fits, fits)
		}
	}
	return s
}

// collect looks for passwords in a text: what unlocks an invitation is one,
// what looks generated or is announced as one is taken for one.
func (s *secrets) collect(text string) {
	if mayGenerate(text) {
		for _, m := range generated.FindAllString(text, maxSecrets) {
			if strings.ContainsAny(m, "BCDFGHJKLMNPQRSTVWXYZ") {
				s.add(m)
			}
		}
	}
	if mayAnnounce(text) {
		s.heed(text)
	}
	if len(s.fits) > 0 {
		s.tryAll(text)
	}
}

// heed takes what is announced as a password for one.
func (s *secrets) heed(text string) {
	for _, m := range announced.FindAllStringSubmatch(text, maxSecrets) {
		if w := trimmed(m[1]); len(w) > 2 {
			s.add(w)
		}
	}
	for _, m := range said.FindAllStringSubmatch(text, maxSecrets) {
		if w := trimmed(m[1]); unspeakable(w) {
			s.add(w)
		}
	}
}

// tryAll tries every word, and in a short text several together.
func (s *secrets) tryAll(text string) {
	words := wordsOf(text, maxTokens)
	longest := 4 // so many words make a password in a short text
	if len(words) > 300 {
		longest = 1
	}
	for i := range words {
		for n := 0; n < longest && i+n < len(words); n++ {
			s.try(text[words[i][0]:words[i+n][1]])
		}
	}
}

// unspeakable tells a password from a word of a sentence: letters with digits or
// signs among them, or five digits and more. A mail address is none.
func unspeakable(w string) bool {
	letter := strings.ContainsFunc(w, unicode.IsLetter)
	digit := strings.ContainsFunc(w, unicode.IsDigit)
	if strings.Contains(w, "@") && strings.Contains(w, ".") {
		return false
	}
	return len(w) >= 4 && letter && (digit || strings.ContainsAny(w, "!#$%&*+=?^_~@")) || len(w) >= 5 && digit && !letter
}

// name looks for a password in the components of a path: home-made scripts
// name the file by it.
func (s *secrets) name(path string) {
	for _, part := range strings.Split(path, "/") {
		s.collect(part)
		stem, _, _ := strings.Cut(part, ".")
		s.try(stem)
	}
}

// joined takes out what people write between the groups of a password.
var joined = strings.NewReplacer(" ", "", "-", "")

// try adds a stretch of text if it unlocks an invitation: as it stands, without
// the punctuation round it, behind a colon, without its blanks.
func (s *secrets) try(text string) {
	if s.tokens++; s.tokens > 2*maxTokens || len(text) > 200 {
		return
	}
	candidates := []string{text, trimmed(text)}
	if i := strings.LastIndexAny(text, ":="); i >= 0 {
		candidates = append(candidates, text[i+1:], trimmed(text[i+1:]))
	}
	for i, c := range candidates {
		if slices.Contains(candidates[:i], c) || len(c) < 3 {
			continue
		}
		for _, fits := range s.fits {
			if fits(c) || strings.ContainsAny(c, " -") && fits(joined.Replace(c)) {
				s.add(c)
			}
		}
	}
}

func (s *secrets) add(secret string) {
	if len(s.list) < maxSecrets && !slices.Contains(s.list, secret) {
		s.list = append(s.list, secret)
	}
}

// mask replaces every secret, longer ones first: one may contain another.
func (s *secrets) mask(text string) string {
	list := slices.Clone(s.list)
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range list {
		text = strings.ReplaceAll(text, secret, mask)
		text = strings.ReplaceAll(text, invitation.Clean(secret), mask)
	}
	return text
}

func trimmed(s string) string { return strings.Trim(s, ".,;:!?\"'()[]<>{}«»„“”‚‘’") }
