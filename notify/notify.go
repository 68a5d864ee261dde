// Package notify empties the outbox: answers to users by SMTP, and calls of
// webhooks.
//
// A row of the outbox was written with its cause and says everything that its
// mail says, so however often it is tried, and by whichever program, the bytes
// are the same, with the same Message-ID. What can't be sent is tried again
// within 10 s and at the next start, then ever more slowly for 24 hours.
//
// One program at a time sends (Options.Alone). A mail server that hangs delays
// no webhook, and neither delays anything else.
package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// Outbox is what notify needs of the queue.
type Outbox interface {
	// Awaken makes everything that waits for its next try due.
	Awaken(ctx context.Context) error
	// Due takes notices to be sent now, and tells how long to rest after them.
	Due(ctx context.Context, by ticket.Channel, limit int) ([]ticket.Notice, time.Duration, error)
	// Done notes what became of one try.
	Done(ctx context.Context, n ticket.Notice, f ticket.Fate) error
	// Notify gives a hint after every change.
	Notify(ctx context.Context) <-chan struct{}
}

// Alarms is what notify needs to tell of sources.
type Alarms interface {
	Sources(ctx context.Context) ([]ticket.SourceState, error)
	// Alarm writes notices of sources that went down or came up since the last.
	Alarm(ctx context.Context, sources []ticket.SourceState) error
}

// Post sends one mail.
type Post interface {
	Send(ctx context.Context, m Message) ticket.Fate
}

// Options are what a sender stands on.
type Options struct {
	Outbox Outbox
	Alarms Alarms
	// Alone is the right to be the one who sends. It fails while another has it.
	// It ends with release; if it is lost sooner, held ends.
	Alone func(ctx context.Context) (held context.Context, release func(), err error)
	Post  Post            // nil: what mails there are is given up
	Hooks map[string]Hook // by the name that the outbox has
	Watch []string        // the configured sources

	Pages     *templates.Set
	PublicURL string
	Desk      string
	Phone     string
	Language  string // where the user's is not known
	From      string // "Helpdesk <help@example.org>"
	Log       *slog.Logger
	Rest      time.Duration // between two tries to be the one who sends, 0 = 5 s
}

// Sender sends what is in the outbox.
type Sender struct{ Options }

// How many notices of one channel are on their way at a time.
const together = 8

// New checks what the mails need.
func New(o Options) (*Sender, error) {
	if o.Rest == 0 {
		o.Rest = 5 * time.Second
	}
	return &Sender{o}, nil
}

// Run sends until ctx ends. What is on its way then is tried again later.
func (s *Sender) Run(ctx context.Context) {
	for ctx.Err() == nil {
		held, release, err := s.Alone(ctx)
		if err != nil { // another program sends
			rest(ctx, nil, s.Rest)
			continue
		}
		s.empty(held)
		release()
	}
}

// empty is Run for the one who may send.
func (s *Sender) empty(ctx context.Context) {
	for {
		err := s.Outbox.Awaken(ctx)
		if err == nil {
			break
		}
		s.Log.Error("outbox", "error", err)
		if rest(ctx, nil, s.Rest); ctx.Err() != nil {
			return
		}
	}
	var work sync.WaitGroup
	work.Go(func() { s.channel(ctx, ticket.ByMail, s.mail) })
	work.Go(func() { s.channel(ctx, ticket.ByHook, s.hook) })
	work.Go(func() { s.watch(ctx) })
	work.Wait()
}

// channel sends what is due on one channel, again and again.
func (s *Sender) channel(ctx context.Context, by ticket.Channel, send func(context.Context, ticket.Notice) ticket.Fate) {
	hints := s.Outbox.Notify(ctx)
	for ctx.Err() == nil {
		due, wait, err := s.Outbox.Due(ctx, by, together)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("outbox", "channel", string(by), "error", err)
		}
		var all sync.WaitGroup
		for _, n := range due {
			all.Go(func() { s.one(ctx, n, send) })
		}
		all.Wait()
		if len(due) < together {
			rest(ctx, hints, wait)
		}
	}
}

// one tries one notice and notes what became of it.
func (s *Sender) one(ctx context.Context, n ticket.Notice, send func(context.Context, ticket.Notice) ticket.Fate) {
	fate := send(ctx, n)
	log := s.Log.With("notice", n.ID, "kind", string(n.Kind), "ticket", int64(n.Ticket), "hook", n.Hook, "try", n.Tries)
	switch {
	case fate.Sent:
		log.Info("sent")
	case ctx.Err() != nil:
		return
	case fate.Never:
		log.Error("not sent, given up", "error", fate.Error)
	default:
		log.Warn("not sent, will be tried again", "error", fate.Error)
	}
	// What was sent is noted even if the program ends this moment.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := s.Outbox.Done(ctx, n, fate); err != nil {
		log.Error("outbox", "error", err)
	}
}

// rest waits so long, or for a hint.
func rest(ctx context.Context, hints <-chan struct{}, so time.Duration) {
	timer := time.NewTimer(so)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-hints:
	}
}

// How often sources are looked at, and how long one may take to come up.
const (
	lookEvery = 5 * time.Second
	comingUp  = time.Minute
)

// watch has the queue tell of sources that go down or come up.
func (s *Sender) watch(ctx context.Context) {
	began := time.Now()
	for ctx.Err() == nil {
		if err := s.look(ctx, time.Since(began) < comingUp); err != nil && ctx.Err() == nil {
			s.Log.Error("sources", "error", err)
		}
		rest(ctx, nil, lookEvery)
	}
}

// look compares the configured sources with what was told. One that never was
// complete counts as down only when it had time to be.
func (s *Sender) look(ctx context.Context, young bool) error {
	known, err := s.Alarms.Sources(ctx)
	if err != nil {
		return err
	}
	var list []ticket.SourceState
	for _, name := range s.Watch {
		state := ticket.SourceState{Name: name, State: ticket.SourceLate}
		for _, k := range known {
			if k.Name == name {
				state = k
			}
		}
		if young && state.State == ticket.SourceLate {
			continue
		}
		list = append(list, state)
	}
	return s.Alarms.Alarm(ctx, list)
}
