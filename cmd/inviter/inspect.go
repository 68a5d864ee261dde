package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"inviter/carrier"
	"inviter/cmd/internal/program"
	"inviter/config"
	"inviter/invitation"
)

type inspectCommand struct {
	Files        []string `arg:"" name:"file" help:"Files, mails or folders; - is standard input."`
	JSON         bool     `name:"json" help:"Print one JSON object a line for each file."`
	PasswordFile string   `help:"File that holds a password to try on every invitation." placeholder:"FILE"`
}

// inspection is one run of the command.
type inspection struct {
	o       carrier.Options
	print   func(carrier.Report) error
	found   bool
	refused bool
	faults  []error // files that could not be read; the others are
	bar     *progress
	content bytes.Buffer // the present file, so that the next one takes the same room
}

// Run reports what the files contain. It succeeds if something was found and
// nothing refused.
func (i inspectCommand) Run(ctx context.Context, w *program.World) error {
	c, err := w.Config()
	if err != nil {
		return err
	}
	run := inspection{o: carrier.Options{
		Limits: carrier.Limits(c.Limits),
		Rule:   invitation.Rule{Default: c.Tickets.Lifetime, Max: c.Tickets.MaxLifetime},
		Now:    time.Now(),
	}, print: i.printer(w.Out)}
	if i.PasswordFile != "" {
		secret, err := config.ReadSecret(i.PasswordFile)
		if err != nil {
			return program.Misuse("--password-file: " + err.Error())
		}
		run.o.Password, run.o.Try = secret.Reveal(), true
	}
	if terminal(w.Err) {
		run.bar = &progress{out: w.Err, total: count(ctx, i.Files), mixed: terminal(w.Out), clock: time.Now}
		defer run.bar.end()
	}
	for _, name := range i.Files {
		if err := run.named(ctx, w.In, name); err != nil {
			return err
		}
	}
	return run.end()
}

// count is how many files the arguments name, as far as they can be seen.
func count(ctx context.Context, names []string) (n int) {
	for _, name := range names {
		if stat, err := os.Stat(name); err != nil || !stat.IsDir() {
			n++
			continue
		}
		_ = filepath.WalkDir(name, func(_ string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				n++
			}
			return ctx.Err()
		})
	}
	return n
}

func (i inspectCommand) printer(out io.Writer) func(carrier.Report) error {
	if i.JSON {
		encoder := json.NewEncoder(out)
		return func(r carrier.Report) error { return encoder.Encode(r) }
	}
	return func(r carrier.Report) error {
		_, err := io.WriteString(out, r.String())
		return err
	}
}

// named inspects what one argument names. Only what keeps the output from being
// printed, or the end of ctx, is an error.
func (i *inspection) named(ctx context.Context, stdin io.Reader, name string) error {
	if name == "-" {
		return i.read(name, stdin)
	}
	stat, err := os.Stat(name)
	switch {
	case err != nil:
		i.fault(err)
		return nil
	case !stat.IsDir():
		return i.open(name)
	}
	return filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			i.fault(err)
			return nil
		case !entry.Type().IsRegular(): // links lead elsewhere, pipes never end
			return nil
		}
		return i.open(path)
	})
}

func (i *inspection) open(path string) error {
	f, err := os.Open(path)
	if err != nil {
		i.fault(err)
		return nil
	}
	defer f.Close()
	return i.read(path, f)
}

// read inspects as much of a file as the limits allow, and a byte more to tell
// that there is more.
func (i *inspection) read(name string, from io.Reader) error {
	defer i.bar.step()
	i.content.Reset()
	if _, err := i.content.ReadFrom(io.LimitReader(from, int64(i.o.Limits.Mail)+1)); err != nil {
		i.fault(err)
		return nil
	}
	r := carrier.Inspect(name, i.content.Bytes(), i.o)
	i.found = i.found || len(r.Found) > 0
	i.refused = i.refused || len(r.Refused) > 0
	i.bar.line()
	return i.print(r)
}

func (i *inspection) fault(err error) {
	i.faults = append(i.faults, fmt.Errorf("%w: not inspected", err))
}

func (i *inspection) end() error {
	if len(i.faults) == 0 && (!i.found || i.refused) {
		return program.ErrTold
	}
	return errors.Join(i.faults...)
}
