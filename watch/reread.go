package watch

import "inviter/ticket"

// rereader is a source whose refused items can be read once more.
type rereader interface {
	Reread(ticket.Kept) ticket.Delivery
}

// Reread reads a refused item as the source would today that it came from.
func Reread(sources []Source) ticket.Reread {
	return func(k ticket.Kept) (ticket.Delivery, error) {
		for _, s := range sources {
			if r, ok := s.Source.(rereader); ok && s.Name() == k.Source {
				return r.Reread(k), nil
			}
		}
		return ticket.Delivery{}, &ticket.Refusal{Code: ticket.CodeUnavailable, Detail: "the source " + k.Source + " is not configured any more"}
	}
}
