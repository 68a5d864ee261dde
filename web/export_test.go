package web

import "context"

// Watching tells whether an account has a stream open.
func (s *Site) Watching(name string) bool { return s.hub.watching(name) }

// RenewNow is what the renewals do now and then.
func (s *Site) RenewNow(ctx context.Context) error { return s.renewAll(ctx) }
