// Command inviter is the queue's server with its page and API, and the
// operator's commands.
package main

import (
	"context"
	"io"
	"os"
	_ "time/tzdata" // so that time_zone works where the system has no zones

	"inviter/cmd/internal/program"
)

// commands are all that inviter can do; kong reads it.
type commands struct {
	program.Everywhere

	Serve       serveCommand      `cmd:"" help:"Serve the page and the API, and watch the configured sources, until ended."`
	Demo        demoCommand       `cmd:"" help:"Show the whole in one process without any set-up: mail server, share, samples, page."`
	Check       checkCommand      `cmd:"" help:"Try everything the configuration names, and say what to do where it fails."`
	Inspect     inspectCommand    `cmd:"" help:"Tell what files or mails contain, offline."`
	Technician  technicianCommand `cmd:"" help:"Accounts of those who work on the queue; also while the server runs."`
	IntakeToken intakeCommand     `cmd:"" help:"Print a new token that may only submit invitations, for a script or a chat bridge."`
	List        queueCommand      `cmd:"" help:"List the tickets of a running server, longest in line first."`
	Show        showCommand       `cmd:"" help:"Show one ticket with all that happened to it."`
	Claim       claimCommand      `cmd:"" help:"Claim a ticket; of many who try at once, one gets it."`
	Fetch       fetchCommand      `cmd:"" help:"Write the invitation of a ticket that you hold into a file."`
	Release     releaseCommand    `cmd:"" help:"Hand a ticket back to its place in line."`
	Close       closeCommand      `cmd:"" help:"End a ticket for good."`
	Completion  completionCommand `cmd:"" help:"Print what makes a shell complete these commands."`
	Backup      backupCommand     `cmd:"" help:"Copy the database into a new file, also while the server runs; the key is not in it."`
	Restore     restoreCommand    `cmd:"" help:"Bring back a backup, after checking it; on PostgreSQL after pg_restore. Nothing may run on it meanwhile."`
	Verify      verifyCommand     `cmd:"" help:"Check the database, what must hold in it, and the log's chain of hashes."`
	Version     program.Version   `cmd:"" help:"Say which version this is."`
}

func main() { os.Exit(program.Main(run)) }

// run is the whole program, so that tests need no process.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	w := &program.World{Name: "inviter", In: stdin, Out: stdout, Err: stderr}
	var c commands
	return program.Run(ctx, w, "A queue of Windows Remote Assistance invitations: they arrive by mail or on a share, and technicians claim them.", &c, &c.Everywhere, args)
}
