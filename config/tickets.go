package config

import (
	"net/netip"
	"time"
)

// Tickets are the rules of a ticket's life.
type Tickets struct {
	Lifetime            time.Duration // where the invitation names none
	MaxLifetime         time.Duration
	Lease               time.Duration // how long a claim stands without a sign of life
	Grace               time.Duration // after the lease, before the clock takes the claim back
	KeepHistory         time.Duration
	Codes               bool           // other products' ids become tickets
	AllowedNetworks     []netip.Prefix // empty is any
	ConfirmClaimOutside bool
}

func readTickets(t *table) Tickets {
	v := Tickets{
		Lifetime:            read(t, "lifetime", "6h", within(time.Minute, longest)),
		MaxLifetime:         read(t, "max_lifetime", "24h", within(time.Minute, longest)),
		Lease:               read(t, "lease", "5m", within(time.Second, longest)),
		Grace:               read(t, "grace", "10m", within(0, longest)),
		KeepHistory:         read(t, "keep_history", "365d", within(day, longest)),
		Codes:               t.flag("codes", false),
		AllowedNetworks:     list(t, "allowed_networks", nil, network),
		ConfirmClaimOutside: t.flag("confirm_claim_outside", true),
	}
	if v.Lifetime > v.MaxLifetime {
		key := "lifetime"
		if t.lacks(key) {
			key = "max_lifetime"
		}
		t.wrong(key, "lifetime ("+v.Lifetime.String()+") is longer than max_lifetime ("+
			v.MaxLifetime.String()+"); write a shorter lifetime or a longer max_lifetime")
	}
	return v
}

// Limits bound what is looked into. They only go down from their defaults.
type Limits struct {
	Mail       int // bytes of a mail or archive examined
	Invitation int // bytes of one invitation
	Depth      int // parts within parts
	Parts      int
}

func readLimits(t *table) Limits {
	return Limits{
		Mail:       read(t, "mail", "5MB", upTo("5MB")),
		Invitation: read(t, "invitation", "64KB", upTo("64KB")),
		Depth:      t.number("depth", 20),
		Parts:      t.number("parts", 500),
	}
}

// Senders is the policy for mail of strangers.
type Senders struct {
	Allow    []string // addresses or domains; empty is anybody
	Doubtful string   // "queue", "quarantine" or "refuse"
}

func readSenders(t *table) Senders {
	return Senders{
		Allow:    list(t, "allow", nil, sender),
		Doubtful: t.text("doubtful", "queue", oneOf("queue", "quarantine", "refuse")),
	}
}
