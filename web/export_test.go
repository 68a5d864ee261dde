package web

import "context"

// Watching tells whether an account has a stream open.
func (s *Site) Watching(name string) bool { return s.audience.watching(name) }

// Watched tells whether anybody has a stream open.
func (s *Site) Watched() bool { return s.audience.watched() }

// RenewNow is what the renewals do now and then.
func (s *Site) RenewNow(ctx context.Context) error { return s.renewAll(ctx) }

// SweepNow is what happens to the streams' log-ins now and then.
func (s *Site) SweepNow(ctx context.Context) { s.sweep(ctx) }
