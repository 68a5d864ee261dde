package program_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"inviter/cmd/internal/program"
	"inviter/config"
)

type grammar struct {
	program.Everywhere
	Fail failCommand     `cmd:""`
	Ask  program.Version `cmd:""`
}

type failCommand struct {
	How  string `arg:"" optional:""`
	Loud bool
}

// Run ends in the way asked for.
func (f failCommand) Run(_ context.Context, w *program.World) error {
	if _, err := w.Config(); err != nil {
		return err
	}
	switch f.How {
	case "told":
		return errors.Join(program.ErrTold, nil)
	case "misuse":
		return errors.Join(program.Misuse("write it otherwise"), nil)
	case "mistakes":
		return config.Mistakes{{File: "a", Line: 1, Key: "b", Text: "c"}, {File: "a", Line: 2, Text: "d"}}
	case "twice":
		return errors.Join(errors.New("one\x1b[2J"), errors.New("two"))
	}
	return nil
}

func run(_ context.Context, args []string, in io.Reader, out, err io.Writer) int {
	w := &program.World{Name: "prog", In: in, Out: out, Err: err}
	var g grammar
	return program.Run(context.Background(), w, "A program.", &g, &g.Everywhere, args)
}

// Every way to end has its exit status, and a line for each thing wrong.
func TestEnds(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, want := range map[string]struct {
		code int
		err  string
	}{
		"fail":                       {0, ""},
		"fail told":                  {1, ""},
		"fail misuse":                {2, "prog: write it otherwise\n"},
		"fail mistakes":              {2, "a:1: b: c\na:2: d\n"},
		"fail twice":                 {1, "prog: one [2J\nprog: two\n"},
		"fail told --loud":           {1, ""},
		"--loud fail":                {2, "prog: unknown flag --loud; see prog --help\n"},
		"fail --config nowhere.toml": {2, "nowhere.toml: is not there; make it, or name the right file\n"},
		"--config=nowhere.toml fail": {2, "nowhere.toml: is not there; make it, or name the right file\n"},
		"fail --config":              {2, "prog: --config: expected string value but got \"EOL\" (<EOL>); see prog --help\n"},
	} {
		var out, err bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), nil, &out, &err); code != want.code || err.String() != want.err || out.Len() > 0 {
			t.Errorf("%s: exit %d, %q, %q; want %d, %q", args, code, out.String(), err.String(), want.code, want.err)
		}
	}
}

func TestHelpIsNoMistake(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"--help", "fail --help", "-h", "ask -h"} {
		var out, err bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), nil, &out, &err); code != 0 || !strings.HasPrefix(out.String(), "Usage: prog") || err.Len() > 0 {
			t.Errorf("%s: exit %d, %q, %q", args, code, out.String(), err.String())
		}
	}
}
