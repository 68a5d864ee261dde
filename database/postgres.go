package database

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// silence is how long, in times of Options.Patience, a server may leave a
// statement without a word before the connection counts as lost.
const silence = 3

// leastSilence is how long a server may think in any case: a busy one is no
// lost one.
const leastSilence = 2 * time.Second

// reachable is how long one attempt to connect may take, for each host.
const reachable = 5 * time.Second

// postgresEngine is a database on a PostgreSQL server. It is reached through
// database/sql, whose rows queue and account read whatever the engine, by the
// driver of pgx, whose own connection waits for notifications.
type postgresEngine struct {
	config  *pgx.ConnConfig
	log     *slog.Logger
	wait    time.Duration
	writer  string // names this process's writer among all
	writing *sql.DB
	reading *sql.DB
	asides  *sql.DB // statements beside the writer's: leases, and what takes long
	notices notices
	channel string // on which commits are told
}

func newPostgres(o Options) (engine, error) {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil { // pgx leaves the password out
		return nil, fmt.Errorf("%w has an address that can't be read: %w", ErrServer, err)
	}
	e := &postgresEngine{config: config, log: o.Log, wait: o.Patience, writer: rand.Text()}
	e.settle()
	return e, nil
}

// settle adds to what the address says what every connection needs.
func (e *postgresEngine) settle() {
	c := e.config
	if c.ValidateConnect == nil { // of several hosts, take the one that may be written to
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = reachable
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "inviter"
	}
	c.RuntimeParams["default_transaction_isolation"] = "read committed" // see the newest state with each statement
	c.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"    // who was cut off in the middle lets go of his turn
	c.RuntimeParams["lock_timeout"] = strconv.FormatInt(max(1, e.wait.Milliseconds()), 10)
	c.OnNotice = e.notices.take
}

func (e *postgresEngine) silence() time.Duration { return max(silence*e.wait, leastSilence) }

// pool opens a pool whose connections are lost after silence; "" keeps the
// application's name.
func (e *postgresEngine) pool(name string, silence time.Duration, most int) *sql.DB {
	config := e.config.Copy()
	if name != "" {
		config.RuntimeParams["application_name"] = name
	}
	if silence > 0 {
		dial := config.DialFunc
		config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialPatient(ctx, dial, network, address, silence)
		}
	}
	pool := sql.OpenDB(anyText{stdlib.GetConnector(*config)})
	pool.SetMaxOpenConns(most)
	pool.SetMaxIdleConns(most)
	return pool
}

func (e *postgresEngine) open(ctx context.Context) error {
	e.writing = e.pool(e.writerName(), e.silence(), 1)
	e.reading = e.pool("", e.silence(), 0)
	e.reading.SetMaxIdleConns(0) // each is taken for good
	e.asides = e.pool("", 0, 3)
	e.asides.SetMaxIdleConns(1)
	conn, err := e.asides.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := e.fits(ctx, conn); err != nil {
		return err
	}
	// The lock is this session's and ends with it; several may start at once.
	const lock = "SELECT pg_advisory_lock(hashtext('inviter ' || current_setting('search_path')))"
	if _, err := conn.ExecContext(ctx, "SET lock_timeout = 0; "+lock); err != nil {
		return fmt.Errorf("wait for others' migration: %w", err)
	}
	defer func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock_all(); RESET lock_timeout")
	}()
	if err := e.home(ctx, conn); err != nil {
		return err
	}
	if err := migrate(ctx, e.asides, postgresSteps(), e.log); err != nil {
		return err
	}
	if err := e.durable(ctx); err != nil {
		e.log.Warn("database server may forget", "why", err.Error())
	}
	if _, err := conn.ExecContext(ctx, "DELETE FROM mark WHERE seen < now() - interval '30 days'"); err != nil {
		return err
	}
	return conn.QueryRowContext(ctx, "SELECT 'inviter_' || 'turn'::regclass::oid").Scan(&e.channel)
}

// fits refuses a server that the promises can't be kept on.
func (e *postgresEngine) fits(ctx context.Context, conn *sql.Conn) error {
	var version int
	var encoding, readOnly string
	err := conn.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
		current_setting('transaction_read_only')`).Scan(&version, &encoding, &readOnly)
	switch {
	case err != nil:
		return err
	case version < oldest:
		return fmt.Errorf("%w is too old: PostgreSQL %d or newer is needed", ErrServer, oldest/10000)
	case encoding != "UTF8":
		return fmt.Errorf("%w keeps this database in %s: make one with ENCODING 'UTF8'", ErrServer, encoding)
	case readOnly == "on":
		return fmt.Errorf("%w is a standby or read only: name the primary", ErrServer)
	}
	return nil
}

// durable looks at what can lose commits when the server crashes.
// synchronous_commit isn't among it: the writer sets it.
func (e *postgresEngine) durable(ctx context.Context) error {
	for _, name := range []string{"fsync", "full_page_writes"} {
		var is string
		if err := e.asides.QueryRowContext(ctx, "SELECT current_setting($1)", name).Scan(&is); err != nil {
			return err
		}
		if is != "on" {
			return fmt.Errorf("%w has %s = %s: what was answered can be lost if it crashes; set it to on", ErrServer, name, is)
		}
	}
	return nil
}

// oldest is the server's least version: 14 brought what is used here.
const oldest = 140000

// home makes the schema that the address names, if it isn't there yet.
func (e *postgresEngine) home(ctx context.Context, conn *sql.Conn) error {
	var schema sql.NullString
	if err := conn.QueryRowContext(ctx, "SELECT current_schema()").Scan(&schema); err != nil || schema.Valid {
		return err
	}
	first, _, _ := strings.Cut(e.config.RuntimeParams["search_path"], ",")
	if first = strings.Trim(first, ` "`); first == "" {
		return fmt.Errorf("%w has no schema for the tables: add search_path to the address, or make schema public", ErrServer)
	}
	_, err := conn.ExecContext(ctx, "CREATE SCHEMA "+pgx.Identifier{first}.Sanitize())
	return err
}

func (e *postgresEngine) connect(ctx context.Context) (*connection, error) {
	return e.take(ctx, e.reading)
}

// take is connect for any of the pools.
func (e *postgresEngine) take(ctx context.Context, pool *sql.DB) (*connection, error) {
	c, err := connect(ctx, pool, func(context.Context, *sql.Conn) error { return nil })
	if err != nil {
		return nil, err
	}
	err = c.conn.Raw(func(driver any) error {
		c.postgres = driver.(textConn).Conn.Conn()
		return nil
	})
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (e *postgresEngine) close() error {
	var err error
	for _, pool := range []*sql.DB{e.reading, e.writing, e.asides} {
		if pool != nil {
			err = errors.Join(err, pool.Close())
		}
	}
	return err
}

// backup is the server's own business.
func (e *postgresEngine) backup(context.Context, string) error {
	return fmt.Errorf("%w keeps its own backups: use pg_dump --format=custom --exclude-table-data='*.half' "+
		"(and inviter restore after pg_restore); see docs/postgresql.md", ErrServer)
}

// dialPatient dials a connection that breaks when nothing is heard for so long
// while something is waited for, or when what was sent isn't acknowledged.
func dialPatient(ctx context.Context, dial pgconn.DialFunc, network, address string, silence time.Duration) (net.Conn, error) {
	c, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if t, ok := c.(*net.TCPConn); ok {
		err = t.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: silence / 3, Interval: silence / 6, Count: 3})
		if err != nil {
			c.Close()
			return nil, err
		}
	}
	return &patient{Conn: c, silence: silence}, nil
}

// patient is a connection to a server that answers what it is asked.
type patient struct {
	net.Conn
	silence time.Duration
}

// errSilent is no timeout by type, or pgx would keep the connection.
var errSilent = errors.New("the server says nothing")

// Read waits so long and no longer.
func (p *patient) Read(b []byte) (int, error) {
	watchdog := time.AfterFunc(p.silence, func() { p.Conn.Close() })
	n, err := p.Conn.Read(b)
	if !watchdog.Stop() && err != nil {
		err = errSilent
	}
	return n, err
}
