package templates

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	plain "text/template"
	"time"
	"unicode/utf8"
)

//go:embed mail/*
var mailFiles embed.FS

// Mail is one mail to a user. Its text and its HTML are made of the same struct
// and the same words, and never of anything that another mail can say.
type Mail interface {
	letter(l *Language) letter
}

// Letterhead is what every mail says about whom and what it is.
type Letterhead struct {
	Desk   string    // the helpdesk's name
	Phone  string    // "" where people can't call
	Number int64     // of the ticket, 0 where there is none
	Name   string    // the user's, as the mail's sender wrote it
	Link   string    // the status page, "" where there is none
	At     time.Time // when it happened; times are said as of then
}

// Written is a mail in its two forms.
type Written struct {
	Subject string
	Text    string
	HTML    string
}

// Write writes a mail in this language.
func (l *Language) Write(m Mail) (Written, error) {
	t := m.letter(l)
	var html, text bytes.Buffer
	if err := l.letters.Execute(&html, t.html(l)); err != nil {
		return Written{}, fmt.Errorf("mail %T: %w", m, err)
	}
	if err := l.plain.Execute(&text, t.text(l)); err != nil {
		return Written{}, fmt.Errorf("mail %T: %w", m, err)
	}
	return Written{Subject: t.subject.text(l), Text: strings.TrimRight(text.String(), "\n") + "\n", HTML: html.String()}, nil
}

// line is one text with the foreign words in it.
type line struct {
	key   string
	pairs []string
}

func say(key string, pairs ...string) line { return line{key, pairs} }

// text is the line for a plain mail.
func (s line) text(l *Language) string {
	clean := make([]string, len(s.pairs))
	for i, p := range s.pairs {
		clean[i] = oneLine(visible(p))
	}
	return fill(strings.ReplaceAll(l.message(s.key).other, "*", ""), clean)
}

// html is the line with its *strong* words, foreign words set apart.
func (s line) html(l *Language) template.HTML {
	marked := make([]template.HTML, len(s.pairs))
	for i, p := range s.pairs {
		if marked[i] = template.HTML(p); i%2 == 1 {
			marked[i] = bdi(oneLine(p))
		}
	}
	return l.rich(s.key, marked...)
}

// oneLine keeps a value from making lines of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// letter is a mail's parts, in their order.
type letter struct {
	head    Letterhead
	subject line
	title   line
	lines   []line // before the words and the time
	holder  string // who says the words
	words   string
	came    time.Time
	until   time.Time
	after   []line
	button  string // key
	there   string // key: what is behind the button
	disown  bool   // whether "you did not ask for help?" makes sense still
}

// shown is a letter as the templates take it, of texts or of markup.
type shown[T template.HTML | string] struct {
	Lang, Subject, Preview string
	Head, Title            T
	Lines, After, Foot     []T
	Words                  *shownWords[T]
	Came, Until            T
	Link, Button           string
	There                  T
}

type shownWords[T template.HTML | string] struct{ Say, Two, Else T }

func (t letter) html(l *Language) shown[template.HTML] { return show(t, l, line.html) }
func (t letter) text(l *Language) shown[string]        { return show(t, l, line.text) }

// show fills either form from the same lines.
func show[T template.HTML | string](t letter, l *Language, as func(line, *Language) T) shown[T] {
	each := func(lines []line) (out []T) {
		for _, s := range lines {
			out = append(out, as(s, l))
		}
		return out
	}
	v := shown[T]{
		Lang: l.Tag(), Subject: t.subject.text(l), Title: as(t.title, l), Head: as(t.heading(), l),
		Lines: each(t.lines), After: each(t.after), Foot: each(t.foot()),
	}
	if len(t.lines) > 0 {
		v.Preview = t.lines[0].text(l)
	}
	if t.words != "" {
		call := say("mail.words.else")
		if t.head.Phone != "" {
			call = say("mail.words.else.call", "phone", t.head.Phone)
		}
		v.Words = &shownWords[T]{as(say("mail.words.say", "who", t.holder), l), as(say("mail.plain", "text", t.words), l), as(call, l)}
	}
	if !t.until.IsZero() {
		v.Came = as(say("mail.came", "clock", l.clock(t.head.At, t.came)), l)
		v.Until = as(say("mail.until", "clock", l.clock(t.head.At, t.until), "time", l.span(t.until.Sub(t.head.At)), "now", l.clock(t.head.At, t.head.At)), l)
	}
	if t.head.Link != "" && t.button != "" {
		v.Link, v.Button, v.There = t.head.Link, l.Text(t.button), as(say(t.there), l)
	}
	return v
}

// heading is the line on top: who writes, about which number.
func (t letter) heading() line {
	if t.head.Number == 0 {
		return say("mail.plain", "text", t.head.Desk)
	}
	return say("mail.head", "desk", t.head.Desk, "n", strconv.FormatInt(t.head.Number, 10))
}

// foot says who sent this, and what to do for whoever asked for nothing.
func (t letter) foot() []line {
	var list []line
	if t.disown && t.head.Link != "" {
		list = append(list, say("mail.disown"))
	}
	list = append(list, say("mail.automatic"))
	if t.head.Phone != "" {
		list = append(list, say("mail.phone", "phone", t.head.Phone))
	}
	return list
}

// dear greets by name. A name that could be read as an address or an order is
// not repeated: anybody may write anything there, in anybody's name.
func (h Letterhead) dear(key string) line {
	name := oneLine(h.Name)
	if name == "" || utf8.RuneCountInString(name) > 60 || strings.ContainsAny(name, "/:@<>\\") || strings.Contains(strings.ToLower(name), "www.") {
		return say(key)
	}
	return say(key+".dear", "name", name)
}

func (h Letterhead) n() string { return strconv.FormatInt(h.Number, 10) }

// loadMails parses both forms.
func (l *Language) loadMails() (err error) {
	if l.letters, err = template.ParseFS(mailFiles, "mail/letter.html"); err != nil {
		return err
	}
	l.plain, err = plain.New("letter.txt").Funcs(plain.FuncMap{"wrap": wrap}).ParseFS(mailFiles, "mail/letter.txt")
	return err
}

// wrap breaks a text into lines of at most 72 characters where it has blanks.
func wrap(s string) string {
	const most = 72
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(s) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > most:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
