// Package program is what both programs do in the same way: read the command
// line, load the configuration, open the store, log, tell systemd, and turn an
// error into words and an exit status.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode"

	"github.com/alecthomas/kong"

	"inviter/config"
)

// Exit statuses.
const (
	Done   = 0
	Failed = 1 // refused or failed
	Wrong  = 2 // wrong usage or configuration
)

// ErrTold is the end of a command that failed and has said all about it.
var ErrTold = errors.New("failed, as was said")

// Misuse is a mistake in how a command was called.
type Misuse string

// Error is what is wrong and what to write.
func (m Misuse) Error() string { return string(m) }

// World is what a command sees of the outside.
type World struct {
	Name     string // of the program
	In       io.Reader
	Out, Err io.Writer
	config   *string
}

// Everywhere are the flags that every command takes.
type Everywhere struct {
	Config string `help:"Configuration file. Without it ${config} here, if there is one, else the built-in defaults." placeholder:"FILE"`
}

// Logging are the flags of commands that run until they are ended.
type Logging struct {
	LogFormat string `help:"How to log to standard error: text or json." enum:"text,json" default:"text" placeholder:"FORMAT"`
}

// Config reads the configuration that the command line names.
func (w *World) Config() (config.Config, error) { return config.Load(*w.config) }

// File is the name of the configuration file, for messages.
func (w *World) File() string {
	if *w.config != "" {
		return *w.config
	}
	return config.DefaultFile
}

// Main runs a program until it is done, or ended by SIGTERM or SIGINT; a second
// signal ends it at once. It returns the exit status.
func Main(run func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int) int {
	noCore()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// Run reads the arguments by a grammar of kong's and runs the command they
// name. Commands have a method Run(context.Context, *World) error.
func Run[G any](ctx context.Context, w *World, about string, grammar *G, common *Everywhere, args []string) int {
	w.config = &common.Config
	ended := -1
	parser, err := kong.New(grammar, kong.Name(w.Name), kong.Description(about),
		kong.Writers(w.Out, w.Err), kong.Exit(func(code int) { ended = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Vars{"config": config.DefaultFile},
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(w))
	if err != nil {
		return w.fail(err)
	}
	command, err := parser.Parse(args)
	switch {
	case ended >= 0: // --help has answered
		return ended
	case err != nil:
		return w.fail(Misuse(err.Error() + "; see " + w.Name + " --help"))
	}
	return w.fail(command.Run())
}

// UntilEnded is the answer of a command that runs until ctx ends: to have been
// ended while it was still starting is no failure.
func UntilEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// fail says what went wrong, a line for each thing, and returns the exit status.
func (w *World) fail(err error) int {
	var mistakes config.Mistakes
	var misuse Misuse
	switch {
	case err == nil:
		return Done
	case errors.Is(err, ErrTold):
		return Failed
	case errors.As(err, &mistakes):
		w.say("", mistakes.Error())
		return Wrong
	case errors.As(err, &misuse):
		w.say(w.Name+": ", err.Error())
		return Wrong
	}
	w.say(w.Name+": ", err.Error())
	return Failed
}

func (w *World) say(prefix, words string) {
	for line := range strings.Lines(words) {
		line = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, strings.TrimRight(line, "\n"))
		fmt.Fprintln(w.Err, prefix+line)
	}
}
