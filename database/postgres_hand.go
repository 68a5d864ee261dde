package database

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// postgresHand writes to the server.
//
// Its turn is the lock of table turn, which the transaction takes with its first
// statement and the server lets go of after the commit can be read, and with a
// synchronous standby after that has it. Statements behind it see all that was
// committed by whoever had it before (READ COMMITTED).
type postgresHand struct {
	e      *postgresEngine
	c      *connection // nil while there is none
	number int64       // of the last transaction that was to be committed
	asked  time.Time   // when it was last asked who waits
	guard  bool        // a savepoint stands before the present job
	down   bool        // the server was out of reach at the last attempt
	quit   <-chan struct{}
}

func (e *postgresEngine) writerName() string { return "inviter writer " + e.writer }

func (e *postgresEngine) hand(_ context.Context, quit <-chan struct{}) (hand, error) {
	h := &postgresHand{e: e, quit: quit}
	return h, h.connected()
}

// connected sees to it that there is a connection, and that table mark has a
// row of this writer's.
func (h *postgresHand) connected() error {
	if h.c != nil && h.c.lost() {
		h.drop()
	}
	if h.c != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*reachable)
	defer cancel()
	c, err := h.e.take(ctx, h.e.writing)
	if err != nil {
		return err
	}
	if err := h.adopt(ctx, c); err != nil {
		c.close()
		return err
	}
	h.c = c
	return nil
}

// adopt makes a connection the writer's.
func (h *postgresHand) adopt(ctx context.Context, c *connection) error {
	if err := h.endOld(c); err != nil {
		return err
	}
	// What is answered is durable, whatever the server's default is.
	if _, err := c.conn.ExecContext(ctx, `DO $$ BEGIN IF current_setting('synchronous_commit') = 'off'
		THEN SET synchronous_commit = on; END IF; END $$`); err != nil {
		return err
	}
	st, err := c.statement(`INSERT INTO mark (writer, number) VALUES (?, ?) ON CONFLICT (writer) DO NOTHING`)
	if err == nil {
		_, err = st.ExecContext(ctx, h.e.writer, h.number)
	}
	return err
}

// endOld ends the lost connection on the server's side, if that still waits
// there for its next statement: it may be long before it learns that none comes.
func (h *postgresHand) endOld(c *connection) error {
	const end = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE application_name = ? AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'`
	st, err := c.statement(end)
	if err != nil {
		return err
	}
	var n int
	return st.QueryRow(h.e.writerName()).Scan(&n)
}

func (h *postgresHand) drop() {
	h.c.close()
	h.c = nil
}

// begin waits for the turn, and for a server that is away: a fail-over or a
// restart is a pause and no fault, if it is over in time.
func (h *postgresHand) begin() (*connection, beside, error) {
	err := h.persist(func() error { return h.beginOnce() })
	if err != nil {
		return nil, nil, err
	}
	h.asked, h.guard = time.Now(), false
	return h.c, postgresBeside{h.c}, nil
}

// persist does something until the server is there for it or patience ends. It
// has none while the server was away already, so that nobody waits behind many.
func (h *postgresHand) persist(do func() error) error {
	for start := time.Now(); ; {
		err := do()
		if err == nil || !errors.Is(h.e.explain(err), ErrUnavailable) {
			h.down = false
			return err
		}
		if h.down || time.Since(start) > h.e.wait || !h.rest() {
			h.down = true
			return err
		}
	}
}

// rest lets a server come back; false means that nobody waits for it any more.
func (h *postgresHand) rest() bool {
	select {
	case <-time.After(50 * time.Millisecond):
		return true
	case <-h.quit:
		return false
	}
}

func (h *postgresHand) beginOnce() error {
	if err := h.connected(); err != nil {
		return err
	}
	// Two statements in one round trip.
	err := h.simply("BEGIN; LOCK TABLE turn IN EXCLUSIVE MODE")
	if err != nil {
		h.abandon()
	}
	return err
}

// simply runs the engine's own statements, unprepared.
func (h *postgresHand) simply(query string) error {
	if _, err := h.c.conn.ExecContext(context.Background(), query); err != nil {
		return fmt.Errorf("%s: %w", head(query), err)
	}
	return nil
}

// abandon ends a transaction that came to nothing, and a connection that can't.
func (h *postgresHand) abandon() {
	if h.c != nil {
		h.c.forget()
	}
	if h.c != nil && !h.c.lost() && h.simply("ROLLBACK") == nil {
		return
	}
	if h.c != nil {
		h.drop()
	}
}

// before puts a savepoint before the job: here any statement that fails, and be
// it one that reads, fails the whole transaction.
func (h *postgresHand) before(tx *Tx, writes bool) error {
	tx.wrote = tx.wrote || writes
	if !tx.shared || h.guard {
		return nil
	}
	h.guard = true
	return h.simply("SAVEPOINT job")
}

// settle also clears the places that the job gave up, within the transaction. A
// savepoint behind which nothing was written serves the next job too.
func (h *postgresHand) settle(j *job) error {
	if j.err == nil && len(j.tx.cleared) > 0 {
		j.err = postgresBeside{h.c}.clear(j.tx.cleared)
	}
	released := j.err == nil && j.tx.shared && j.tx.wrote && !j.last
	if j.err == nil {
		j.err = h.send(released)
	}
	if h.c.failed != nil {
		j.err = h.c.failed
	}
	h.c.forget()
	if h.c.lost() {
		return fmt.Errorf("%w: it went away before this was recorded: %v", ErrUnavailable, j.err)
	}
	failed := h.c.postgres.PgConn().TxStatus() == 'E'
	if failed && j.err == nil {
		j.err = errors.New("a statement failed, and nobody asked how it went")
	}
	switch {
	case !j.tx.shared, !failed && !j.tx.wrote:
		return nil
	case j.err != nil:
		return h.simply("ROLLBACK TO SAVEPOINT job")
	}
	return nil
}

// send sends what a job left waiting, and makes it the next one's turn.
func (h *postgresHand) send(released bool) error {
	if released {
		for _, q := range []string{"RELEASE SAVEPOINT job", "SAVEPOINT job"} {
			if err := h.c.later(q); err != nil {
				return err
			}
		}
	}
	return h.c.flush()
}

// commit stores with the transaction which one it is, has the server tell of it
// to who listens, and finds out how it went where it gets no answer.
func (h *postgresHand) commit() error {
	h.number++
	if err := h.sign(); err != nil {
		h.abandon()
		return err
	}
	h.e.notices.forget()
	err := h.simply("COMMIT")
	if err == nil && !h.e.notices.warned() {
		return nil
	}
	if err != nil && !h.c.lost() { // a constraint that is checked at the end
		h.abandon()
		return err
	}
	return h.find(err)
}

func (h *postgresHand) sign() error {
	const sign = `WITH signed AS (UPDATE mark SET number = ?, seen = now() WHERE writer = ? RETURNING number)
		SELECT count(*), count(pg_notify(?, ?)) FROM signed`
	st, err := h.c.statement(sign)
	if err != nil {
		return err
	}
	var signed, told int
	err = st.QueryRow(h.number, h.e.writer, h.e.channel, h.e.writer).Scan(&signed, &told)
	if err == nil && signed != 1 {
		err = errors.New("the row of this writer in table mark is gone")
		h.drop() // it is made again with the next connection
	}
	if err != nil {
		return fmt.Errorf("sign the transaction: %w", err)
	}
	return nil
}

func (h *postgresHand) undo() error {
	if h.c == nil {
		return nil
	}
	h.abandon()
	return nil
}

func (h *postgresHand) done([]*job) {}

// askWanted is how often a turn that lasts asks who waits: the question costs a
// round trip.
const askWanted = 20 * time.Millisecond

func (h *postgresHand) wanted() bool {
	if time.Since(h.asked) < askWanted {
		return false
	}
	h.asked = time.Now()
	st, err := h.c.statement("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE relation = 'turn'::regclass AND NOT granted)")
	wanted := true
	if err == nil {
		err = st.QueryRow().Scan(&wanted)
	}
	return wanted || err != nil
}

func (h *postgresHand) close() {
	if h.c != nil {
		h.drop()
	}
}
