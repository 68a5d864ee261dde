package web

import "context"

// RenewNow is what the renewals do now and then.
func (s *Site) RenewNow(ctx context.Context) error { return s.renewAll(ctx) }
