// Package demo is the world around inviter in one process: a mail server, a
// share, and users whose invitations arrive by mail and by file over the first
// minutes. It is what "inviter demo" shows the real watchers, queue and page.
//
// Everything lies in one folder, and a second start goes on where the first
// one was: mail that wasn't taken yet is still there, mail that was taken
// doesn't come back, and no sample is sent twice.
package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"inviter/demo/postoffice"
)

// Alias is the helpdesk's address in the demo.
const Alias = "help@example.org"

// Options says where a demo lives. Only Dir and Log are needed.
type Options struct {
	Dir  string // made if missing; one demo at a time may use it, which its owner sees to
	Log  *slog.Logger
	Web  string           // address the page listens at, for the configuration: "127.0.0.1:8080"
	IMAP string           // loopback address to listen at; "" is the last start's port, or any free one
	SMTP string           // the same
	Now  func() time.Time // time.Now if nil
	// After makes the pauses between samples; time.After if nil.
	After func(time.Duration) <-chan time.Time
}

// Demo is a running world. Its fields say where it can be found.
type Demo struct {
	IMAP     string // "127.0.0.1:1143"
	SMTP     string
	Mailbox  string // the helpdesk's mailbox as a configuration names it
	Password string // the file with the mailbox's password
	Share    string // the folder that invitations are dropped into
	Ready    string // the folder with samples to send by hand, fresh at any time
	Answers  string // the folder that the users' mail lies in: what inviter answered them
	Config   string // a configuration file for this world, as "inviter serve" takes it

	o      Options
	office *postoffice.Office
	state  *state
	end    context.CancelFunc
	done   sync.WaitGroup
}

// Start sets the world going. Samples arrive until all have, ctx ends, or Close.
func Start(ctx context.Context, o Options) (*Demo, error) {
	o = complete(o)
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("demo folder: %w", err)
	}
	d := &Demo{
		o:        o,
		Password: filepath.Join(dir, "mail.password"),
		Share:    filepath.Join(dir, "share"),
		Ready:    filepath.Join(dir, "ready"),
		Answers:  filepath.Join(dir, "answers"),
		Config:   filepath.Join(dir, "inviter.toml"),
	}
	if err := d.settle(dir); err != nil {
		return nil, fmt.Errorf("demo folder: %w", err)
	}
	if err := d.openOffice(dir); err != nil {
		return nil, fmt.Errorf("demo mail server: %w", err)
	}
	if err := errors.Join(d.writeConfig(dir), d.refresh()); err != nil {
		return nil, errors.Join(err, d.office.Close())
	}
	ctx, d.end = context.WithCancel(ctx)
	d.done.Go(func() { d.play(ctx) })
	d.done.Go(func() { d.keepFresh(ctx) })
	return d, nil
}

func complete(o Options) Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Close ends the mail server and the arrival of samples.
func (d *Demo) Close() error {
	d.end()
	d.done.Wait()
	return d.office.Close()
}

// settle makes the folders and reads what an earlier start left.
func (d *Demo) settle(dir string) (err error) {
	for _, sub := range []string{dir, d.Share, d.Ready, d.Answers} {
		if err := os.MkdirAll(sub, 0o700); err != nil {
			return err
		}
	}
	d.state, err = readState(filepath.Join(dir, "demo.json"))
	return err
}

// openOffice starts the mail server, at the ports of the last start where
// they are free, so that what people wrote down stays right.
func (d *Demo) openOffice(dir string) error {
	password, err := secret(d.Password)
	if err != nil {
		return err
	}
	o := postoffice.Options{
		Dir: filepath.Join(dir, "mail"), Address: Alias, Password: password,
		IMAP: d.o.IMAP, SMTP: d.o.SMTP, Other: d.answer, Clock: d.o.Now, Log: d.o.Log,
	}
	again := o
	if o.IMAP == "" {
		again.IMAP = d.state.IMAP
	}
	if o.SMTP == "" {
		again.SMTP = d.state.SMTP
	}
	d.office, err = postoffice.Open(again)
	if err != nil && (again.IMAP != o.IMAP || again.SMTP != o.SMTP) {
		d.office, err = postoffice.Open(o)
	}
	if err != nil {
		return err
	}
	d.IMAP, d.SMTP = d.office.IMAP().String(), d.office.SMTP().String()
	mailbox := url.URL{Scheme: "imap", User: url.User(Alias), Host: d.IMAP, Path: "/INBOX"}
	d.Mailbox = mailbox.String()
	d.state.IMAP, d.state.SMTP = d.IMAP, d.SMTP
	return d.state.save()
}

// secret reads a password from its file, or makes one up at the first start.
func secret(file string) (string, error) {
	b, err := os.ReadFile(file)
	if text := strings.TrimSpace(string(b)); err == nil && text != "" {
		return text, nil
	}
	text := rand.Text()
	return text, replace(file, []byte(text+"\n"))
}

// replace writes a file whole or not at all, for its owner alone. Names that
// begin with a dot are what shares leave alone.
func replace(path string, content []byte) error {
	tmp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	if err := os.WriteFile(tmp, content, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
