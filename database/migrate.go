package database

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var scripts embed.FS

// migrate brings the tables up to date, each step in a transaction of its own:
// what was interrupted goes on at the next start. The caller sees to it that
// no other process migrates at the same time.
func migrate(ctx context.Context, pool *sql.DB, log *slog.Logger) error {
	steps, err := fs.Sub(scripts, "migrations")
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, pool, steps,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	current, ours, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if current > ours {
		return fmt.Errorf("%w: its tables have version %d, this program knows %d: use the newer program",
			ErrNewer, current, ours)
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
