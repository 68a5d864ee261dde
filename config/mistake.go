package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Mistake is one thing wrong in a configuration file, and what to write instead.
type Mistake struct {
	File string
	Line int    // 0 where no line is at fault
	Key  string // as it is written below its tables: "mailbox.url"; may be ""
	Text string
}

// Error is "FILE:LINE: key: what is wrong and what to write", on one line.
func (m Mistake) Error() string {
	var b strings.Builder
	b.WriteString(oneLine(m.File))
	if m.Line > 0 {
		fmt.Fprintf(&b, ":%d", m.Line)
	}
	if m.Key != "" {
		b.WriteString(": " + oneLine(m.Key))
	}
	b.WriteString(": " + oneLine(m.Text))
	return b.String()
}

// Mistakes is everything wrong in a file, in its order.
type Mistakes []Mistake

// Error has one line for each mistake.
func (m Mistakes) Error() string {
	said := make([]string, len(m))
	for i, one := range m {
		said[i] = one.Error()
	}
	return strings.Join(said, "\n")
}

// orNil is the mistakes in the order of the file, or nil where there are none.
func (m Mistakes) orNil() error {
	if len(m) == 0 {
		return nil
	}
	slices.SortStableFunc(m, func(a, b Mistake) int { return a.Line - b.Line })
	return m
}

// oneLine makes control and bidi characters visible: what a file says can
// neither forge a line nor turn one round.
func oneLine(s string) string {
	hidden := func(r rune) bool { return !strconv.IsPrint(r) }
	if utf8.ValidString(s) && !strings.ContainsFunc(s, hidden) {
		return s
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}
