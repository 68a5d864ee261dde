package peers_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/invitation/sample"
)

// mangling is what may happen to a file on its way, or how another tool than
// Windows writes it. Each keeps what the file says.
type mangling func(file string) string

// forBoth are those that FreeRDP takes too.
func forBoth() map[string]mangling {
	return map[string]mangling{
		"as written":         func(f string) string { return f },
		"CRLF":               func(f string) string { return strings.ReplaceAll(f, "\n", "\r\n") },
		"mark":               func(f string) string { return "\uFEFF" + f },
		"blank lines before": func(f string) string { return "\r\n\r\n" + f },
		"attribute per line": indented,
		"no declaration":     func(f string) string { return declaration.ReplaceAllString(f, "") },
		"other declaration": func(f string) string {
			return declaration.ReplaceAllString(f, `<?xml version='1.1' encoding="UTF-16"?>`)
		},
		"comment":            func(f string) string { return strings.Replace(f, "<UPLOADDATA", "<!-- for you -->\n<UPLOADDATA", 1) },
		"end tag":            func(f string) string { return element.ReplaceAllString(f, "></UPLOADDATA></UPLOADINFO>") },
		"foreign attributes": func(f string) string { return strings.Replace(f, " USERNAME", ` URA="1" URL="" USERNAME`, 1) },
		"other order":        func(f string) string { return moved(moved(f, "DtStart"), "USERNAME") },
		"lower-case hex":     func(f string) string { return inside(f, "LHTICKET", strings.ToLower) },
		"footer":             func(f string) string { return f + "\r\n-- \r\nSent from my PC, DtStart and all" },
		"NUL at the end":     func(f string) string { return f + "\x00" },
		"Ctrl-Z at the end":  func(f string) string { return f + "\r\n\x1a" },
	}
}

// forUs are those that FreeRDP can't take and that need no mending: Windows
// reads any XML.
func forUs() map[string]mangling {
	return map[string]mangling{
		"single quotes":  func(f string) string { return strings.ReplaceAll(f, `"`, `'`) },
		"blanks round =": func(f string) string { return attributes.ReplaceAllString(f, " $1 = \"") },
		"16 bits":        wide,
	}
}

// forMending are those that no technician's program could take as they are.
func forMending() map[string]mangling {
	return map[string]mangling{
		"ticket indented": func(f string) string {
			return inside(f, "LHTICKET", func(v string) string { return wrap(v, 64, "\r\n      ") })
		},
		"ticket wrapped": func(f string) string {
			return inside(f, "LHTICKET", func(v string) string { return wrap(v, 76, "\n") })
		},
		"old ticket wrapped": func(f string) string {
			return inside(f, "RCTICKET", func(v string) string { return wrap(v, 40, "\r\n") })
		},
		"stub wrapped": func(f string) string {
			return inside(f, "PassStub", func(v string) string { return wrap(v, 7, "\r\n") })
		},
		"wrapped at 60":      func(f string) string { return wrap(f, 60, "\r\n") },
		"wrapped at 76":      func(f string) string { return wrap(f, 76, "\r\n") },
		"wrapped at 77":      func(f string) string { return wrap(f, 77, "\n") },
		"wrapped at 78":      func(f string) string { return wrap(f, 78, "\r\n") },
		"wrapped by a relay": func(f string) string { return wrap(f, 997, "!\r\n ") },
		"wrapped in 16 bits": func(f string) string { return wide(wrap(f, 90, "\r\n")) },
		"wrapped and more":   func(f string) string { return "\uFEFF" + wrap(f, 79, "\r\n") + "\r\n\r\n-- \r\nlist" },
	}
}

var (
	attributes  = regexp.MustCompile(` ([A-Za-z]+)="`)
	declaration = regexp.MustCompile(`<\?xml[^>]*>`)
	element     = regexp.MustCompile(` ?/></UPLOADINFO>`)
)

// moved puts an attribute behind all others.
func moved(file, attribute string) string {
	i := strings.Index(file, " "+attribute+`="`)
	if i < 0 {
		return file
	}
	n := i + len(attribute) + 3 + strings.Index(file[i+len(attribute)+3:], `"`) + 1
	return strings.Replace(file[:i]+file[n:], ` L="0"`, ` L="0"`+file[i:n], 1)
}

// inside changes the value of one attribute.
func inside(file, attribute string, change func(string) string) string {
	before, rest, ok := strings.Cut(file, " "+attribute+`="`)
	if !ok {
		return file
	}
	value, rest, _ := strings.Cut(rest, `"`)
	return before + " " + attribute + `="` + change(value) + `"` + rest
}

// indented puts every attribute of UPLOADDATA but the first on its own line:
// FreeRDP wants a blank behind an element's name.
func indented(file string) string {
	before, data, ok := strings.Cut(file, "<UPLOADDATA ")
	if !ok {
		return file
	}
	return before + "<UPLOADDATA " + attributes.ReplaceAllString(data, "\r\n\t $1=\"")
}

// wrap breaks after width bytes, in the middle of whatever stands there.
func wrap(s string, width int, with string) string {
	var b strings.Builder
	for len(s) > width {
		b.WriteString(s[:width] + with)
		s = s[width:]
	}
	return b.String() + s
}

func wide(s string) string {
	b := []byte{0xFF, 0xFE}
	for _, r := range s { // no more than 16 bits each here
		b = append(b, byte(r), byte(r>>8))
	}
	return string(b)
}

// trial is one file for us, and what FreeRDP is given in its place.
type trial struct {
	name string
	shape
	ours, theirs []byte
}

// TestFreeRDPReadsMangledFiles asks of every mangling that both read what was
// written. Where we mend, the file that a technician gets is the mended one, so
// it is that which FreeRDP must be able to open.
func TestFreeRDPReadsMangledFiles(t *testing.T) {
	t.Parallel()
	f := build(t)
	i := sample.Invitation{
		User: "Jörg Müller & Söhne", Password: "CDFG2345HJKL", Start: time.Unix(1700000000, 0), Copy: true, Certificate: true,
		Endpoints: []string{"10.0.1.174:64733", "pc-77.example.org:49230", "192.168.100.7:49231"},
	}
	var trials []trial
	for _, s := range shapes() {
		for name, do := range forBoth() {
			file := []byte(do(string(s.write(i))))
			trials = append(trials, trial{name + " " + string(s), s, file, file})
		}
		for name, do := range forUs() {
			file := []byte(do(string(s.write(i))))
			trials = append(trials, trial{name + " " + string(s), s, file, s.write(i)})
		}
		for name, do := range forMending() {
			file := []byte(do(string(s.write(i))))
			inv, err := invitation.Parse(file)
			if err != nil {
				t.Errorf("%s, %s: %v\n%q", name, s, err, file)
			}
			trials = append(trials, trial{name + " " + string(s), s, file, inv.File})
		}
	}
	var questions []question
	for _, trial := range trials {
		questions = append(questions, question{trial.theirs, i.Password})
	}
	for n, theirs := range f.ask(t, questions) {
		t.Run(trials[n].name, func(t *testing.T) {
			f.agree(t, trials[n].shape, i, read(t, question{trials[n].ours, i.Password}), theirs)
		})
	}
}
