package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"inviter/account"
	"inviter/cmd/internal/program"
	"inviter/config"
	"inviter/database"
	"inviter/queue"
)

type backupCommand struct {
	File string `arg:"" help:"File to make; one that is there already is left as it is."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

// backedUp is what backup tells.
type backedUp struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}

// Run copies the database while everything goes on.
func (b backupCommand) Run(ctx context.Context, w *program.World) error {
	c, db, err := openData(ctx, w)
	if err != nil {
		return err
	}
	if err := errors.Join(db.Backup(ctx, b.File), db.Close()); err != nil {
		return err
	}
	st, err := os.Stat(b.File)
	if err != nil {
		return err
	}
	if b.JSON {
		return json.NewEncoder(w.Out).Encode(backedUp{b.File, st.Size()})
	}
	_, err = fmt.Fprintf(w.Out, "%s holds the database (%d bytes), without the key: keep a copy of %s elsewhere.\n",
		b.File, st.Size(), c.KeyFile)
	return err
}

// openData opens the database alone, if there is one: its key may be missing.
func openData(ctx context.Context, w *program.World) (config.Config, *database.DB, error) {
	c, err := w.Config()
	if err != nil {
		return c, nil, err
	}
	if c.Database == "" {
		if _, err := os.Stat(filepath.Join(c.Data, database.FileName)); err != nil {
			return c, nil, fmt.Errorf("%w; set data to the folder that holds the database", err)
		}
	}
	db, err := database.Open(ctx, database.Options{Dir: c.Data, URL: c.Database, Log: slog.New(slog.DiscardHandler)})
	return c, db, err
}

type verifyCommand struct {
	JSON bool `name:"json" help:"Print one JSON object."`
}

// verified is what verify tells.
type verified struct {
	OK bool `json:"ok"`
	queue.Extent
	Problems []string `json:"problems"`
}

// Run reads the whole database and fails if anything in it is wrong.
func (v verifyCommand) Run(ctx context.Context, w *program.World) error {
	_, db, err := openData(ctx, w)
	if err != nil {
		return err
	}
	found, err := verify(ctx, db)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if v.JSON {
		err = json.NewEncoder(w.Out).Encode(found)
	} else {
		err = found.tell(w)
	}
	if err == nil && !found.OK {
		err = program.ErrTold
	}
	return err
}

func verify(ctx context.Context, db *database.DB) (verified, error) {
	v := verified{Problems: []string{}}
	problems, err := queue.Verify(ctx, db)
	if err != nil {
		return v, err
	}
	v.Problems = append(v.Problems, problems...)
	v.OK = len(problems) == 0
	v.Extent, err = queue.Size(ctx, db)
	return v, err
}

func (v verified) tell(w *program.World) error {
	for _, p := range v.Problems {
		if _, err := fmt.Fprintln(w.Out, "WRONG  "+p); err != nil {
			return err
		}
	}
	state := "ok"
	if !v.OK {
		state = "damaged: stop inviter and bring back the last backup (with SQLite by \"inviter restore FILE\")"
	}
	_, err := fmt.Fprintf(w.Out, "%d tickets, %d events: %s\n", v.Tickets, v.Events, state)
	return err
}

type restoreCommand struct {
	File string `arg:"" optional:"" help:"A file that inviter backup has made; none on PostgreSQL, after pg_restore."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

// restored is what restore tells.
type restored struct {
	File string `json:"file"`
	queue.Extent
	Open     int     `json:"open"`
	LogIns   int64   `json:"log_ins_ended"`
	Replaced *string `json:"replaced"` // where the database is now that was there before; null without one
	Key      string  `json:"key"`      // "fits" or "missing"
}

// Run puts a backup in the place of the database, after it was found sound. On
// PostgreSQL pg_restore has put it there, and it is made ready to be served.
func (r restoreCommand) Run(ctx context.Context, w *program.World) error {
	c, err := w.Config()
	if err != nil {
		return err
	}
	switch {
	case c.Database != "" && r.File != "":
		return fmt.Errorf("PostgreSQL brings backups back by its own means: pg_restore into an empty database, then " +
			"inviter restore without a file, and inviter serve; see docs/postgresql.md")
	case c.Database != "":
		return r.takeUp(ctx, w, c)
	case r.File == "":
		return program.Misuse("name the file that inviter backup has made")
	}
	way, err := database.Restore(ctx, c.Data, r.File)
	if err != nil {
		return err
	}
	defer way.Close()
	done := restored{File: r.File}
	if err := done.prepare(ctx, way.Dir, c.KeyFile); err != nil {
		return err
	}
	kept, err := way.Finish(time.Now())
	if err != nil {
		return err
	}
	if kept != "" {
		done.Replaced = &kept
	}
	if r.JSON {
		return json.NewEncoder(w.Out).Encode(done)
	}
	return done.tell(w, c.KeyFile)
}

// takeUp makes a database ready to be served that the server's own means have
// brought back. Nobody else may be at work on it.
func (r restoreCommand) takeUp(ctx context.Context, w *program.World, c config.Config) (err error) {
	db, err := database.Open(ctx, database.Options{URL: c.Database, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	held, release, err := db.Hold(ctx, program.Clock)
	if errors.Is(err, database.ErrHeld) {
		return fmt.Errorf("inviter serves this database: %w; end it first, or wait 15 s where it was killed", err)
	}
	if err != nil {
		return err
	}
	defer release()
	done := restored{File: "the database"}
	if err := done.ready(held, db, c.KeyFile); err != nil {
		return err
	}
	if r.JSON {
		return json.NewEncoder(w.Out).Encode(done)
	}
	return done.tell(w, c.KeyFile)
}

// prepare makes the copy ready to be started with.
func (r *restored) prepare(ctx context.Context, dir, keyFile string) (err error) {
	db, err := database.Open(ctx, database.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return r.ready(ctx, db, keyFile)
}

// ready checks what was brought back and sees to it that nothing that has ended
// or was given out since then lives again.
func (r *restored) ready(ctx context.Context, db *database.DB, keyFile string) error {
	found, err := verify(ctx, db)
	if err != nil {
		return err
	}
	if !found.OK {
		return fmt.Errorf("%s is damaged (%s): nothing was restored; take another backup", r.File, found.Problems[0])
	}
	r.Key = "fits"
	err = queue.Fits(ctx, db, keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		r.Key, err = "missing", nil
	}
	if err != nil {
		return fmt.Errorf("nothing was restored: %w", err)
	}
	if r.Open, err = queue.Restored(ctx, db, time.Now()); err != nil {
		return err
	}
	if r.LogIns, err = account.New(db, time.Now).EndLogIns(ctx); err != nil {
		return err
	}
	r.Extent, err = queue.Size(ctx, db)
	return err
}

func (r *restored) tell(w *program.World, keyFile string) error {
	lines := []string{fmt.Sprintf("Restored %s: %d tickets, %d of them open; database and log are sound.", r.File, r.Tickets, r.Open)}
	if r.Replaced != nil {
		lines = append(lines, "What was there before is kept as "+*r.Replaced+"; remove it when nobody needs it any more.")
	}
	if r.Key == "missing" {
		lines = append(lines, "The key file "+keyFile+" is missing: bring it back from where you keep its copy before you start inviter.")
	}
	lines = append(lines,
		"Everybody has to log in again. Accounts and tokens are as they were then, also those disabled since: see inviter technician list.",
		"Mail taken up since then lies in the mailboxes' processed folders: move back into the inbox what still matters.")
	for _, l := range lines {
		if _, err := fmt.Fprintln(w.Out, l); err != nil {
			return err
		}
	}
	return nil
}
