package database

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// PostgreSQL's error codes (manual, appendix A).
const (
	codeUnique       = "23505" // unique_violation
	codeLockTimeout  = "55P03" // lock_not_available
	codeReadOnly     = "25006" // read_only_sql_transaction: the primary became a standby
	codeFull         = "53100" // disk_full
	codeForbidden    = "42501" // insufficient_privilege
	codeNoDatabase   = "3D000" // invalid_catalog_name
	classAccess      = "28"    // invalid authorization
	classConnection  = "08"
	classResources   = "53" // too many connections, out of memory
	classIntervened  = "57P"
	codeDataCorrupt  = "XX001"
	codeIndexCorrupt = "XX002"
)

func (e *postgresEngine) explain(err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrBusy) || errors.Is(err, ErrServer) {
		return err
	}
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		if away(err) {
			return fmt.Errorf("%w: see whether the server of \"database\" runs and can be reached: %w", ErrUnavailable, err)
		}
		return err
	}
	switch code := said.Code; {
	case code == codeLockTimeout:
		return fmt.Errorf("%w: somebody has kept its tables locked for %s: %w", ErrBusy, e.wait, err)
	case code == codeFull:
		return fmt.Errorf("%w: make room on the database server: %w", ErrFull, err)
	case code == codeDataCorrupt, code == codeIndexCorrupt:
		return fmt.Errorf("%w: stop inviter and bring back the last backup with the server's own means: %w", ErrCorrupt, err)
	case code == codeForbidden:
		return fmt.Errorf("%w lets %s do too little: make it the owner of the database: %w", ErrServer, e.config.User, err)
	case code == codeNoDatabase:
		return fmt.Errorf("%w has no database %q: make it with createdb: %w", ErrServer, e.config.Database, err)
	case strings.HasPrefix(code, classAccess):
		return fmt.Errorf("%w doesn't let %s in: see its password and pg_hba.conf: %w", ErrServer, e.config.User, err)
	case code == codeReadOnly, strings.HasPrefix(code, classConnection), strings.HasPrefix(code, classResources),
		strings.HasPrefix(code, classIntervened):
		return fmt.Errorf("%w just now: %w", ErrUnavailable, err)
	}
	return err
}

// away tells whether an error means that the server is out of reach.
func away(err error) bool {
	var network net.Error
	var connecting *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connecting) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, errSilent) ||
		strings.Contains(err.Error(), "conn closed")
}
