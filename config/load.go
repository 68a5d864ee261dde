package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// DefaultFile is read where no other file is named, if it is there.
const DefaultFile = "inviter.toml"

// maxFile bounds a configuration file, in bytes.
const maxFile = 256 << 10

// Load reads the file at path; with path "" DefaultFile if there is one, and
// else the built-in defaults. What is wrong is returned as Mistakes, all of it.
func Load(path string) (Config, error) {
	if path == "" {
		if _, err := os.Lstat(DefaultFile); errors.Is(err, os.ErrNotExist) {
			return Parse(DefaultFile, "", os.LookupEnv)
		}
		path = DefaultFile
	}
	text, err := readFile(path, maxFile)
	if err != nil {
		why := strings.TrimPrefix(err.Error(), path+" ")
		return Config{}, Mistakes{{File: path, Text: why}}
	}
	return Parse(path, string(text), os.LookupEnv)
}

// Default is what stands where there is no file.
func Default() Config {
	c, _ := Parse("", "", nil) // no text, no mistakes
	return c
}

// Parse reads the text of a file. name is only for mistakes; env looks up the
// variables that the file names.
func Parse(name, text string, env func(string) (string, bool)) (Config, error) {
	text = strings.TrimPrefix(text, "\ufeff") // as Windows editors write it
	found, deep := lines(text)
	if deep > 0 {
		return Config{}, Mistakes{{File: name, Line: deep, Text: "nests too deep for a configuration; write plain tables"}}
	}
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		return Config{}, Mistakes{syntax(name, err)}
	}
	f := &file{name: name, lines: found, env: env}
	c := readAll(&table{file: f, tree: tree})
	if err := f.mistakes.orNil(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// syntax is the mistake in a text that is no TOML at all.
func syntax(name string, err error) Mistake {
	m := Mistake{File: name, Text: err.Error()}
	var parse toml.ParseError
	if errors.As(err, &parse) {
		m.Line, m.Key, m.Text = max(parse.Position.Line, 1), parse.LastKey, parse.Message
	}
	m.Text = "is no TOML: " + m.Text
	return m
}

func readAll(t *table) Config {
	c := Config{
		Data:     t.text("data", "inviter-data", notEmpty, path),
		Database: t.text("database", "", postgresURL),
		KeyFile:  t.text("key_file", "", path),
		Language: t.text("language", "en", oneOf("en", "de")),
	}
	c.KeyFile = orDefault(c.KeyFile, filepath.Join(c.Data, "inviter.key"))
	t.sub("web", func(t *table) { c.Web = readWeb(t) })
	t.sub("tickets", func(t *table) { c.Tickets = readTickets(t) })
	t.sub("limits", func(t *table) { c.Limits = readLimits(t) })
	t.sub("senders", func(t *table) { c.Senders = readSenders(t) })
	mailboxes, shares := names{}, names{}
	t.each("mailbox", func(t *table) {
		m := readMailbox(t)
		c.Mailboxes = append(c.Mailboxes, m)
		mailboxes.add(t, m.Name)
	})
	t.each("share", func(t *table) {
		s := readShare(t)
		c.Shares = append(c.Shares, s)
		shares.add(t, s.Name)
	})
	t.sub("smtp", func(t *table) { c.SMTP = readSMTP(t) })
	t.each("webhook", func(t *table) { c.Webhooks = append(c.Webhooks, readWebhook(t)) })
	t.sub("login", func(t *table) { c.Login = readLogin(t) })
	t.sub("ask", func(t *table) {
		c.Ask = readAsk(t)
		if c.Ask.SignIn && c.Login.OIDC.Issuer == "" {
			t.wrong("sign_in", "nobody can sign in without single sign-on; set login.oidc, or take the line out")
		}
	})
	chats := names{}
	t.each("chat", func(t *table) {
		chat := readChat(t)
		c.Chats = append(c.Chats, chat)
		chats.add(t, chat.Name)
	})
	t.close()
	return c
}

// names finds two of a kind with one name: name → the line it stands on. Case
// makes no difference, as in file names on many systems.
type names map[string]int

func (n names) add(t *table, name string) {
	if name == "" {
		return
	}
	key := strings.ToLower(name)
	if first, twice := n[key]; twice {
		t.wrong("name", fmt.Sprintf("%q is the name of another %s (line %d); write a name of its own", name, t.name, first))
		return
	}
	n[key] = t.lineOf("name")
}

func postgresURL(text string) error {
	if !strings.HasPrefix(text, "postgres://") && !strings.HasPrefix(text, "postgresql://") {
		return fmt.Errorf(`%q is no database; write "postgres://…", or take the line out for SQLite`, redact(text))
	}
	return nil
}
