package database

import (
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"
)

// notices keeps what the server warned of.
type notices struct{ warnings atomic.Int64 }

// take is told of each notice. A warning during a commit says that a synchronous
// standby may not have it.
func (n *notices) take(_ *pgconn.PgConn, said *pgconn.Notice) {
	if said.SeverityUnlocalized == "WARNING" {
		n.warnings.Add(1)
	}
}

func (n *notices) forget() { n.warnings.Store(0) }

func (n *notices) warned() bool { return n.warnings.Load() > 0 }
