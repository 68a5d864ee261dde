package main

import (
	"context"
	"errors"

	"inviter/cmd/internal/program"
)

type runCommand struct {
	program.Logging
}

// Run watches until ctx ends.
func (r runCommand) Run(ctx context.Context, w *program.World) error {
	return program.UntilEnded(ctx, r.run(ctx, w))
}

func (r runCommand) run(ctx context.Context, w *program.World) error {
	c, err := w.Config()
	if err != nil {
		return err
	}
	log := r.Log(w)
	store, err := program.OpenStore(ctx, c, log)
	if err != nil {
		return err
	}
	sources := store.Sources(c, log)
	if len(sources) == 0 {
		return errors.Join(program.NothingToWatch(w), store.Close())
	}
	watcher, err := store.Watcher(sources, log)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	systemd := program.NewSystemd()
	systemd.Ready()
	go systemd.Watchdog(ctx, store.Well)
	context.AfterFunc(ctx, systemd.Stopping)
	log.Info("watching", "sources", len(sources), "data", c.Data)
	watcher.Run(ctx)
	log.Info("ended")
	return store.Close()
}
