package database

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"path"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*/*.sql
var scripts embed.FS

// steps are one engine's migrations. Both engines have the same steps, by
// number and name: what they make is the same, each in its engine's words.
type steps struct {
	folder  string
	dialect goose.Dialect
}

func sqliteSteps() steps   { return steps{"migrations/sqlite", goose.DialectSQLite3} }
func postgresSteps() steps { return steps{"migrations/postgres", goose.DialectPostgres} }

// migrate brings the tables up to date, each step in a transaction of its own:
// what was interrupted goes on at the next start. The caller sees to it that
// no other process migrates at the same time.
func migrate(ctx context.Context, pool *sql.DB, which steps, log *slog.Logger) error {
	folder, err := fs.Sub(scripts, which.folder)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	p, err := goose.NewProvider(which.dialect, pool, folder,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	current, err := p.GetDBVersion(ctx)
	if err == nil {
		err = which.known(current)
	}
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	done, err := p.Up(ctx)
	for _, r := range done {
		log.Info("database migrated", "version", r.Source.Version, "took", r.Duration)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// known refuses tables that a newer program has made.
func (s steps) known(version int64) error {
	files, err := fs.Glob(scripts, s.folder+"/*.sql")
	if err != nil {
		return err
	}
	var ours int64
	for _, f := range files {
		var n int64
		if _, err := fmt.Sscanf(path.Base(f), "%d_", &n); err != nil {
			return fmt.Errorf("migrations: %s: %w", f, err)
		}
		ours = max(ours, n)
	}
	if version > ours {
		return fmt.Errorf("%w: its tables have version %d, this program knows %d: use the newer program", ErrNewer, version, ours)
	}
	return nil
}
