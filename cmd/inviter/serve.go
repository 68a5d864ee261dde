package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"inviter/cmd/internal/program"
	"inviter/config"
	"inviter/database"
	"inviter/notify"
	"inviter/queue"
	"inviter/templates"
	"inviter/watch"
	"inviter/web"
)

// How long the end may take: requests under way are answered, then whatever is
// still busy is left behind. All of it stays below ten seconds.
const (
	lastAnswers = 5 * time.Second
	lastWork    = 8 * time.Second
)

type serveCommand struct {
	program.Logging
	NoWatch bool `help:"Leave the sources to watchers of their own (watcher run)."`
}

// Run serves until ctx ends.
func (s serveCommand) Run(ctx context.Context, w *program.World) error {
	return program.UntilEnded(ctx, s.run(ctx, w))
}

func (s serveCommand) run(ctx context.Context, w *program.World) error {
	useThreads(os.Getenv("GOMAXPROCS"))
	c, err := w.Config()
	if err != nil {
		return err
	}
	log := s.Log(w)
	store, leave, err := openAlone(ctx, c, log)
	if err != nil {
		return err
	}
	defer leave()
	listener, err := listen(&c.Web)
	if err != nil {
		return err
	}
	desk, err := newDesk(c, store, s.NoWatch, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := errors.Join(roster{store.Accounts, store.Queue}.dismissAll(ctx), setUp(ctx, w, c, store.Accounts)); err != nil {
		return errors.Join(err, listener.Close())
	}
	return desk.serve(ctx, listener)
}

// openAlone opens the store. On SQLite one server may be on it at a time; on
// PostgreSQL any number.
func openAlone(ctx context.Context, c config.Config, log *slog.Logger) (store *program.Store, leave func(), err error) {
	if store, err = program.OpenStore(ctx, c, log); err != nil {
		return nil, nil, err
	}
	if c.Database != "" {
		return store, func() { _ = store.Close() }, nil
	}
	_, release, err := store.DB.Hold(context.WithoutCancel(ctx), "serve")
	if errors.Is(err, database.ErrHeld) {
		err = fmt.Errorf("another inviter serves %s already: %w; end that one, or set data to another folder", c.Data, err)
	}
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	leave = func() { release(); _ = store.Close() }
	if err := examine(ctx, c, store.DB); err != nil {
		leave()
		return nil, nil, err
	}
	return store, leave, nil
}

// examinedAtOnce is how large a database may be, in bytes, to be read whole
// before the server starts: some tenths of a second. Of a larger one damage is
// found by what is read of it, and by inviter verify.
const examinedAtOnce = 16 << 20

// examine refuses to serve a damaged database.
func examine(ctx context.Context, c config.Config, db *database.DB) error {
	file := filepath.Join(c.Data, database.FileName)
	if st, err := os.Stat(file); err != nil || st.Size() > examinedAtOnce {
		return nil // on another server, or too large
	}
	found, err := db.Check(context.WithoutCancel(ctx))
	if err != nil || len(found) == 0 {
		return err
	}
	return fmt.Errorf("%w: %s: %s; move the file and its -wal aside, and bring back the last backup with \"inviter restore FILE\"",
		database.ErrCorrupt, file, found[0])
}

// listen takes the configured address. With port 0 it is any free one, and then
// the public address is the one taken.
func listen(c *config.Web) (net.Listener, error) {
	var certificate tls.Certificate
	var err error
	if c.TLSCert != "" {
		if certificate, err = tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
			return nil, fmt.Errorf("web.tls_cert and web.tls_key: %w; write a certificate and its key, in PEM form", err)
		}
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("%w; end the program that listens there, or set web.listen to another address", err)
	}
	if base, any := strings.CutSuffix(c.PublicURL, ":0"); any {
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		c.PublicURL = base + ":" + port
	}
	if c.TLSCert != "" {
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}})
	}
	return listener, nil
}

// desk is the running server with all that works beside it.
type desk struct {
	log     *slog.Logger
	url     string
	store   *program.Store
	site    *web.Site
	watcher *watch.Watcher // nil where others watch
	sender  *notify.Sender
}

func newDesk(c config.Config, store *program.Store, noWatch bool, log *slog.Logger) (*desk, error) {
	d := &desk{log: log, url: c.Web.PublicURL, store: store}
	sources := store.Sources(c, log)
	options := siteOptions(c, store, log)
	options.Expected = watch.Names(sources)
	options.Reread = watch.Reread(sources)
	var err error
	if options.Pages, err = templates.New(c.Web.TimeZone, c.Language); err != nil {
		return nil, err
	}
	if !noWatch {
		if d.watcher, err = store.Watcher(sources, log); err != nil {
			return nil, err
		}
	}
	if d.sender, err = newSender(c, store, options); err != nil {
		return nil, err
	}
	d.site, err = web.New(options)
	return d, err
}

// serve runs everything until ctx ends or the server fails.
func (d *desk) serve(ctx context.Context, listener net.Listener) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	server := web.NewServer(d.site, d.log)
	var work sync.WaitGroup
	work.Go(func() { d.store.RunClock(ctx) })
	work.Go(func() { d.sender.Run(ctx) })
	work.Go(func() {
		if err := d.site.Run(ctx); err != nil {
			fail(err)
		}
	})
	work.Go(func() {
		d.site.Warm(ctx)
		debug.FreeOSMemory() // what the start alone needed, the reading of migrations and of the line most of all
	})
	if d.watcher != nil {
		work.Go(func() { d.watcher.Run(ctx) })
	}
	work.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fail(err)
		}
	})
	systemd := program.NewSystemd()
	go systemd.Watchdog(ctx, d.store.Well)
	systemd.Ready()
	d.log.Info("serving", "url", d.url, "listen", listener.Addr().String(), "watching", d.watcher != nil)
	<-ctx.Done()
	systemd.Stopping()
	d.log.Info("ending")
	d.end(ctx, server, &work)
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// end lets requests under way be answered and waits for the rest, but not for
// ever: what is left behind was never promised to anybody.
func (d *desk) end(ctx context.Context, server *http.Server, work *sync.WaitGroup) {
	late := time.NewTimer(lastWork)
	defer late.Stop()
	answers, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastAnswers)
	defer cancel()
	if err := server.Shutdown(answers); err != nil {
		_ = server.Close()
	}
	done := make(chan struct{})
	go func() { work.Wait(); close(done) }()
	select {
	case <-done:
		d.log.Info("ended")
	case <-late.C:
		d.log.Warn("ended with work left behind")
	}
}

// lines is the queue as the pages read it.
type lines struct{ *queue.Queue }

// List is the queue's List in the words of package web.
func (l lines) List(ctx context.Context, f web.Filter) (web.Page, error) {
	page, err := l.Queue.List(ctx, queue.Filter(f))
	return web.Page(page), err
}

// Ended is one page of the ended tickets.
func (l lines) Ended(ctx context.Context, e web.Past) (web.Page, error) {
	page, err := l.Queue.Ended(ctx, queue.Past(e))
	return web.Page(page), err
}
