package ticket

import "strings"

// Proof is whether sender checks bear out who sent a mail. It is part of the
// user's key: whoever only claims to be jane@ is another user than the proven
// one, so that a forged mail can't push her real invitation out of the line.
type Proof string

// Proofs.
const (
	Proven   Proof = "proven"
	Unproven Proof = "unproven"
)

// MailKey is the key of a user who is known by a mail address; "" for none.
func MailKey(address string, p Proof) string {
	if address == "" {
		return ""
	}
	return "mail:" + strings.ToLower(address) + " " + string(p)
}

// RivalKey is the key under which another may claim this user's address: the
// proven one's for an unproven user, and the other way round. Where more is
// true, longer keys that go on with a blank count too. "" is for users who are
// known by something else.
func (u User) RivalKey() (key string, more bool) {
	rest, mail := strings.CutPrefix(u.Key, "mail:")
	if !mail {
		return "", false
	}
	if address, _, unproven := strings.Cut(rest, " "+string(Unproven)); unproven {
		return MailKey(address, Proven), false
	}
	if address, proven := strings.CutSuffix(rest, " "+string(Proven)); proven {
		return MailKey(address, Unproven), true
	}
	return "", false
}

// contest marks the new ticket and those that stand beside it under another
// proof of the same address. None of them ends for it: they are two users.
func (c *Case) contest() {
	if c.Ticket.State.Ended() {
		return
	}
	for _, r := range c.Rivals {
		if !r.State.Ended() && (r.State == Claimed || c.Now.Before(r.Expires)) {
			r.flag(SenderConflict)
			c.Ticket.flag(SenderConflict)
		}
	}
}

func (t *Ticket) flag(f Flag) {
	if !t.Has(f) {
		t.Flags = append(t.Flags[:len(t.Flags):len(t.Flags)], f)
	}
}
