// Command watcher watches the configured mailboxes and shares alone, beside an
// inviter serve --no-watch, or beside other watchers of the same database.
package main

import (
	"context"
	"io"
	"os"

	"inviter/cmd/internal/program"
)

// commands are all that watcher can do; kong reads it.
type commands struct {
	program.Everywhere

	Run     runCommand      `cmd:"" help:"Watch all configured sources until ended. Several may run; each source is watched by one of them."`
	Once    onceCommand     `cmd:"" help:"Make one complete pass over every source, side by side, and exit."`
	Version program.Version `cmd:"" help:"Say which version this is."`
}

func main() { os.Exit(program.Main(run)) }

// run is the whole program, so that tests need no process.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	w := &program.World{Name: "watcher", In: stdin, Out: stdout, Err: stderr}
	var c commands
	return program.Run(ctx, w, "Watches mailboxes and shares for Remote Assistance invitations and puts them into inviter's queue.", &c, &c.Everywhere, args)
}
