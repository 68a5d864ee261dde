// Package mailbox watches a helpdesk alias over IMAP and turns its mail into
// deliveries (ticket.Source).
//
// What was looked at is known by the ledger alone, one row per folder,
// UIDVALIDITY and UID: people may read, flag, move or delete mail at any time.
// Order is always fetch, submit, then move; a crash in between repeats a mail,
// and the ledger makes the repeat harmless. Mail without an invitation is not
// touched, not even its flags.
//
// The library underneath (go-imap) knows no contexts and can be blocked by a
// silent server, so every conversation with the server goes through link.do.
package mailbox

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"inviter/carrier"
	"inviter/ticket"
)

// Options say which mailbox to watch, and how.
type Options struct {
	Name string // of the source, without "mailbox:"
	Address
	// Password is asked for at each log-in, so that a changed one needs no restart.
	Password  func() (string, error)
	Tokens    *Tokens       // log in by these instead; nil for the password
	First     time.Duration // at the first connection, older mail is left alone
	Processed string        // folder for mail that was taken up; "" leaves it in place
	Refused   string        // folder for mail that was refused; "" leaves it in place
	CAFile    string        // PEM of the authority that signed the server's certificate; "" for the system's
	Senders   Senders
	Codes     bool             // other products' ids made by the user become tickets
	Limits    carrier.Limits   // the zero value means carrier.DefaultLimits
	Clock     func() time.Time // nil means time.Now
	Log       *slog.Logger     // nil means silence

	// Patience is how long the server may be silent in the middle of an
	// answer, and Reach how long it may take to greet. 0 means a minute, and
	// half of one.
	Patience, Reach time.Duration
	// Slice is how long one IDLE lasts before the next look: shorter than what
	// routers forget a quiet connection after, and so short that a server which
	// forgets to tell of mail delays none of it for long, whatever the schedule
	// says. 0 means a minute.
	Slice time.Duration
}

// Mailbox is one watched folder. It keeps its connection from one scan to the next.
type Mailbox struct {
	options Options
	at      Address
	ledger  ticket.Ledger
	log     *slog.Logger

	turn    chan struct{}      // holds one token: whoever has it may use link and the fields below
	knock   chan chan struct{} // asks the one who idles for the turn; what is sent is closed when it came
	scanned chan struct{}      // a scan has ended
	call    chan struct{}      // until has changed
	link    *link
	poison  poison
	copied  map[string]bool // items that were copied away, but not deleted yet

	wasClosed map[string]closed // folders that the last scan could move nothing to

	mode    atomic.Value // string, see Mode
	warning atomic.Value // string, see Warning
	until   atomic.Int64 // Unix ms, see Attend
}

var _ ticket.Source = (*Mailbox)(nil)

// Open prepares to watch; it does not connect.
func Open(o Options, ledger ticket.Ledger) *Mailbox {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Limits == (carrier.Limits{}) {
		o.Limits = carrier.DefaultLimits()
	}
	o.Patience = orElse(o.Patience, time.Minute)
	o.Reach = orElse(o.Reach, 30*time.Second)
	o.Slice = orElse(o.Slice, time.Minute)
	m := &Mailbox{
		options: o, at: o.Address.complete(), ledger: ledger, log: o.Log.With("source", "mailbox:"+o.Name),
		turn: make(chan struct{}, 1), knock: make(chan chan struct{}), scanned: make(chan struct{}, 1), call: make(chan struct{}, 1),
		poison: newPoison(), copied: map[string]bool{},
	}
	m.turn <- struct{}{}
	m.mode.Store(Polling)
	m.warning.Store("")
	return m
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// Name is "mailbox:" and the configured name.
func (m *Mailbox) Name() string { return "mailbox:" + m.options.Name }

// How a mailbox is being watched between scans.
const (
	Idling  = "IDLE"
	Polling = "polling"
)

// Mode is Idling while the server tells of new mail by itself, else Polling.
func (m *Mailbox) Mode() string { return m.mode.Load().(string) }

// Warning is what works less well than configured though mail is taken up, in
// words for the administrator: a folder that can't be made, say. "" is none.
func (m *Mailbox) Warning() string { return m.warning.Load().(string) }

// Close logs out. A running scan is waited for; end it by its context.
func (m *Mailbox) Close() error {
	release, err := m.take(context.Background())
	if err != nil {
		return err
	}
	defer release()
	if m.link != nil {
		m.link.leave()
		m.link = nil
	}
	return nil
}

// take waits for the turn, and has a running IDLE hand it over.
func (m *Mailbox) take(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	came := make(chan struct{})
	defer close(came)
	for {
		select {
		case <-m.turn:
			return func() { m.turn <- struct{}{} }, nil
		case m.knock <- came: // only who idles listens, and stops
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
