// Package share watches a folder in which users drop invitations, local,
// mounted, or on a server that is spoken to by SMB: it is a ticket.Source.
//
// A scan looks at the whole tree; events only make the next scan come sooner.
// A file is taken up when it has settled, is read from one descriptor, and
// leaves the share after Submit returned, if it still is what was read. What
// is no invitation is left alone, and not read again until it changes. Nothing
// that lies in the share can lead outside of it, block a scan, or make it lose
// what others put there.
package share

import (
	"log/slog"
	"path/filepath"
	"time"

	"inviter/carrier"
	"inviter/ticket"
)

// Modes of a share.
const (
	Take = "take" // a file leaves the share once it is queued
	Read = "read" // nothing is ever written; the ledger alone knows what is done
)

// Ways to tell who dropped a file, see INTERFACE.md section 2.
const (
	ByAny    = "auto"
	ByOwner  = "owner"
	ByFolder = "folder"
	ByFile   = "file"
)

// Options say which folder to watch, and how. Zero durations and limits mean
// none, and the defaults, respectively.
type Options struct {
	Name     string
	Path     string        // a folder of this machine; or else
	Server   Server        // where its Host is set
	Settle   time.Duration // unchanged this long before it is read
	GiveUp   time.Duration // unchanged and still damaged this long: refused
	Mode     string        // Take or Read; "" is Take
	User     string        // one of the By… constants; "" is ByAny
	Receipts bool          // answer who drops files, see Answers
	Answers  Answers
	Codes    bool // other products' ids made by the user become tickets
	Limits   carrier.Limits
	Clock    func() time.Time
	Log      *slog.Logger
}

func (o Options) remote() bool { return o.Server.Host != "" }

// Patience is how long the file system may think about one call before the
// share counts as gone.
const Patience = 10 * time.Second

// Share is one watched folder. Its methods are safe for concurrent use; scans
// run one after another.
type Share struct {
	options Options
	place   place
	ledger  ticket.Ledger
	log     *slog.Logger
	turn    chan struct{} // holds a token while a pass runs, even an abandoned one
	pulse   pulse
	hints   hints
	people  people

	// What the passes know; only the one that has the turn touches it.
	memory   memory
	traces   traces
	mark     string // of the place, as the ledger has it
	marked   bool   // mark was read
	complete bool   // one pass went through since Open
	unclosed bool   // the ledger may hold items that have left already
}

var _ ticket.Source = (*Share)(nil)

// Open returns the share. It doesn't look at the folder yet, so that a share
// which is away at the start is no error.
func Open(o Options, ledger ticket.Ledger) *Share {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Limits == (carrier.Limits{}) {
		o.Limits = carrier.DefaultLimits()
	}
	if o.Mode == "" {
		o.Mode = Take
	}
	if o.User == "" {
		o.User = ByAny
	}
	var at place = local{o.Path}
	if o.remote() {
		at, o.Path = &server{at: o.Server, within: answerWithin}, o.Server.String()
	}
	s := &Share{options: o, place: at, ledger: ledger, turn: make(chan struct{}, 1), unclosed: true}
	s.pulse.start = time.Now()
	s.hints.root, s.hints.traced = filepath.Clean(o.Path), s.traced
	s.log = o.Log.With("source", s.Name())
	s.memory.forget()
	s.traces = newTraces()
	return s
}

// Name is "share:NAME".
func (s *Share) Name() string { return "share:" + s.options.Name }

// Close gives up what is held between scans, a connection say. A later scan
// makes it anew. It must not be called while one runs.
func (s *Share) Close() error { return s.fault(s.place.close()) }
