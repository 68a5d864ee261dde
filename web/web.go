// Package web turns buttons and requests into the queue's verbs: the
// technicians' pages, the JSON API, the event stream, health and metrics. It
// knows no SQL and keeps nothing of its own but counters.
//
// Every route stands in one table (routes.go) with who may use it. A request
// passes the same way always: headers, cross-origin check, who is it, may they,
// the handler; a handler returns an error, and one place (sorry.go) turns
// refusals into answers and faults into a number to quote.
//
// Every action of a page is a form and works without script: the answer is 303
// to where the reader was. The page's script asks for a part instead.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"inviter/carrier"
	"inviter/templates"
	"inviter/ticket"
)

// Options is all that the pages need from outside.
type Options struct {
	Queue   Queue
	Submit  ticket.Submit
	LogIns  LogIns
	Bearers Bearers
	Answers Answers // nil remembers nothing
	// Away tells a fault that passes, of a database out of reach, from others:
	// nothing is wrong with the request, and it may be sent again.
	Away func(error) bool
	// Denied tells an account's refusal from a fault; busy ones may try again.
	Denied   func(error) (denied, busy bool)
	Accounts Accounts // nil where accounts are managed elsewhere
	SignOn   SignOn   // nil without single sign-on
	// NoPasswords leaves links and single sign-on as the only ways in.
	NoPasswords bool
	// Staff lists the enabled accounts, for transfers.
	Staff func(context.Context) ([]ticket.Technician, error)
	// Reread reads refused items of sources once more; nil where there are none.
	Reread ticket.Reread
	// Scan has a source looked through soon, by whichever program watches it; nil
	// where that can't be.
	Scan func(ctx context.Context, source string) error
	// Look is told, every LookEvery, that somebody looks at the queue, so that
	// sources are watched closely for so long; may be nil.
	Look      func(context.Context) error
	LookEvery time.Duration // 0 = 20 s
	// ClockJump tells that the computer's clock isn't believed just now; may be nil.
	ClockJump func() ticket.Jump
	// Expected names the configured sources; readiness covers each of them.
	Expected []string

	PublicURL      string         // https makes the log-in cookie __Host- and Secure
	Desk           string         // the helpdesk's name
	Phone          string         // shown to users, "" for none
	Pages          *templates.Set // in Zone, and in Language where the browser doesn't say
	Zone           *time.Location
	Language       string
	Limits         carrier.Limits
	Codes          bool // other products' ids made by the user become tickets
	ConfirmOutside bool // a claim of a ticket flagged outside-networks asks first
	Ask            Ask
	Chats          []Chat       // whose slash commands are answered
	Rules          ticket.Rules // of a ticket's life, to tell before it begins; zero = DefaultRules
	OpenAPI        []byte       // served at /api/v1/openapi.yaml
	Clock          func() time.Time
	Log            *slog.Logger

	Patience time.Duration // for one event to be written to a slow reader, 0 = 10 s
	Beat     time.Duration // between comments in a stream, 0 = 15 s
	Check    time.Duration // between looks whether a stream's log-in still holds, 0 = 3 s
	Renew    time.Duration // a fifth of the lease, 0 = 1 min: how often claims are looked at whose holder has a stream open
}

// Site serves pages and API. Run must run beside it for live changes.
type Site struct {
	Options
	era       string // this run of the server, in tags
	secure    bool
	throttle  *throttle
	guesses   guesses       // of secrets, by network
	pushes    buckets       // of users' buttons, by secret
	networks  buckets       // and by network
	asks      buckets       // of who hands in, by network
	looking   chan struct{} // whoever looks into a file beforehand holds a place
	tries     tries         // of support links' digits
	strangers guesses       // of chat systems' proofs, by network
	heard     heardOnce     // of chat systems
	hub       *hub
	audience  *audience
	board     *board
	reporting chan struct{} // whoever makes a report holds its place
	runs      runs
	tails     tails
	commits   commits
	surrounds surrounds
	metrics   *metrics
	repeats   repeats
	handler   http.Handler
}

// New is a site with everything in its place.
func New(o Options) (*Site, error) {
	s := &Site{Options: o.filled(), era: newEra(), secure: strings.HasPrefix(o.PublicURL, "https://")}
	s.throttle = newThrottle(s.Clock)
	s.guesses = guesses{newBuckets(rate.Every(2*time.Second), 30)}
	s.pushes, s.networks = newBuckets(rate.Every(6*time.Second), 10), newBuckets(rate.Every(time.Second), 60)
	s.asks, s.looking = newAsks(), make(chan struct{}, mostLooks)
	s.tries, s.strangers = newTries(), guesses{newBuckets(rate.Every(2*time.Second), 30)}
	s.hub, s.audience = newHub(s.Queue, s.Log, s.clock), newAudience()
	s.board, s.reporting = &board{queue: s.Queue}, make(chan struct{}, 1)
	s.metrics = newMetrics(s.Queue, s.clock)
	var err error
	s.handler, err = s.wire()
	return s, err
}

func (o Options) filled() Options {
	for d, standard := range map[*time.Duration]time.Duration{&o.Beat: 15 * time.Second, &o.Check: 3 * time.Second, &o.Renew: time.Minute, &o.Patience: 10 * time.Second, &o.LookEvery: 20 * time.Second} {
		if *d == 0 {
			*d = standard
		}
	}
	if o.Rules.Lifetime == 0 {
		o.Rules = ticket.DefaultRules()
	}
	return o
}

// wire puts the route table behind what every request passes.
func (s *Site) wire() (http.Handler, error) {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.Pattern, s.guarded(r))
	}
	mux.Handle("/", s.lost(mux))
	origin := http.NewCrossOriginProtection()
	if u, err := url.Parse(s.PublicURL); err == nil && u.Host != "" {
		if err := origin.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, err
		}
	}
	origin.SetDenyHandler(http.HandlerFunc(s.foreign))
	return secureHeaders(policy(s.Pages.Assets().Scripts()), origin.Handler(mux)), nil
}

// ServeHTTP answers one request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Run keeps the streams fed and the claims of watching holders renewed until
// ctx ends, and with it every stream.
func (s *Site) Run(ctx context.Context) error {
	go s.renewals(ctx)
	go s.eyes(ctx)
	go s.beats(ctx)
	go s.sweeps(ctx)
	defer s.audience.end()
	s.commits.follow(s.Queue.Notify(ctx))
	defer s.commits.follow(nil)
	return s.hub.run(ctx)
}

// Warm reads what the first page needs, before somebody asks for it. It may
// fail: then that page tries again.
func (s *Site) Warm(ctx context.Context) {
	if _, err := s.board.at(ctx); err != nil && ctx.Err() == nil {
		s.Log.Warn("line not read ahead", "error", err)
	}
}

func (s *Site) clock() time.Time { return s.Clock() }

// NewServer is an http.Server with the timeouts and bounds that the site needs.
// Streams set their own write deadlines.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
