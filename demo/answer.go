package demo

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mostAnswers bounds how many of the users' mails are kept; the oldest go first.
const mostAnswers = 200

// answer keeps one mail to a user of the demo, as a file that mail programs open.
func (d *Demo) answer(to string, mail []byte) error {
	who := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, strings.ToLower(to))
	name := fmt.Sprintf("%013d-%.80s-%.4s.eml", d.o.Now().UnixMilli(), who, strings.ToLower(rand.Text()))
	if err := replace(filepath.Join(d.Answers, name), mail); err != nil {
		return err
	}
	kept, err := filepath.Glob(filepath.Join(d.Answers, "*.eml")) // sorted, and so by time
	for n := range max(0, len(kept)-mostAnswers) {
		_ = os.Remove(kept[n]) // another mail's turn may have done so
	}
	return err
}
