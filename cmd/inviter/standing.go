package main

import (
	"context"
	"fmt"

	"inviter/account"
	"inviter/cmd/internal/program"
	"inviter/config"
	"inviter/ticket"
)

type disableCommand struct {
	Name string `arg:"" help:"Name of the account."`
}

// Run ends everything that the account may do.
func (d disableCommand) Run(ctx context.Context, w *program.World) error {
	return staffed(ctx, w, func(_ config.Config, r roster) error {
		if err := r.disable(ctx, d.Name, operator); err != nil {
			return advised(d.Name, err)
		}
		fmt.Fprintf(w.Err, "%s is disabled now, and holds no tickets any more.\n", d.Name)
		return nil
	})
}

// operator is who did what a command on the server did, in tickets' trails.
const operator = "(command)"

type enableCommand struct {
	Name string `arg:"" help:"Name of the account."`
}

// Run lets an account in again.
func (e enableCommand) Run(ctx context.Context, w *program.World) error {
	return accounts(ctx, w, func(_ config.Config, all *account.Accounts) error {
		if err := all.Enable(ctx, e.Name); err != nil {
			return advised(e.Name, err)
		}
		fmt.Fprintf(w.Err, "%s is enabled now; ended log-ins and tokens stay ended.\n", e.Name)
		return nil
	})
}

type roleCommand struct {
	Name string `arg:"" help:"Name of the account."`
	Role string `arg:"" help:"One of viewer, technician, lead, auditor, admin." enum:"viewer,technician,lead,auditor,admin"`
}

// Run gives an account another role, which counts from its next request on.
func (r roleCommand) Run(ctx context.Context, w *program.World) error {
	return staffed(ctx, w, func(_ config.Config, all roster) error {
		if err := all.setRole(ctx, r.Name, ticket.Role(r.Role), operator); err != nil {
			return advised(r.Name, err)
		}
		fmt.Fprintf(w.Err, "%s is a %s now.\n", r.Name, r.Role)
		return nil
	})
}
