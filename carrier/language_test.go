package carrier_test

import (
	"testing"

	"inviter/carrier"
)

func TestLanguageOfHeader(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"Content-Language: de-DE":                                "de",
		"Content-Language: de-DE\nAccept-Language: en-US":        "de",
		"Accept-Language: en-US\nContent-Language: de":           "de",
		"Accept-Language: EN-us, de;q=0.5":                       "en",
		"Accept-Language: gsw":                                   "gsw",
		"Content-Language: ":                                     "",
		"Content-Language: x":                                    "",
		"Content-Language: i-klingon":                            "",
		"Content-Language: deutsch":                              "",
		"Content-Language: d\xe9":                                "",
		"Content-Language: =?utf-8?Q?de?=":                       "",
		"From: jane@example.org":                                 "",
		"Content-Language: tlh;q=1\nContent-Language: fr, de-DE": "fr",
	} {
		if got := header(lines).Language; got != want {
			t.Errorf("%q: %q, want %q", lines, got, want)
		}
	}
}

func TestLanguageOfText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hallo, mein Drucker geht nicht mehr.":   "de",
		"Hello, my printer does not work.":       "en",
		"BITTE UM HILFE, ich kann nicht drucken": "de",
		"Drucker kaputt":                         "",
		"":                                       "",
		"Outlook Error 0x80040115":               "",
		"Bitte schauen Sie mit auf: The server is not available for you":   "",
		"Bonjour, je ne peux pas imprimer":                                 "",
		"ich habe die Meldung \"not found\" und kann mein Laufwerk nicht.": "de",
	} {
		c := carrier.Mail([]byte("From: jane@example.org\nContent-Type: text/plain; charset=utf-8\n\n"+text+"\n"), limits)
		if c.Wrote != want {
			t.Errorf("%q: %q, want %q", text, c.Wrote, want)
		}
	}
}
