//go:build !failpoints

package watch

import "inviter/ticket"

// In a program as it is built for people there are no fail points.
func failingSubmit(submit ticket.Submit) ticket.Submit { return submit }
func failingLedger(ledger ticket.Ledger) ticket.Ledger { return ledger }
