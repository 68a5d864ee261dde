package share

import (
	"cmp"
	"net/netip"
	"os/user"
	"strconv"
	"strings"
	"sync"

	"inviter/invitation"
	"inviter/ticket"
)

// user tells who dropped a file, as the share is set to: INTERFACE.md section 2.
// Where nothing tells, the key stays empty, and the invitation is its own user.
func (p *pass) user(s *sight, inv invitation.Invitation) ticket.User {
	switch p.options.User {
	case ByFolder:
		return p.byFolder(s.path)
	case ByOwner:
		return p.byOwner(s.look, inv)
	case ByFile:
		return p.byFile(inv)
	}
	u := p.byFolder(s.path)
	if u.Key == "" && p.id.owners && s.look.owner != superuser {
		u = p.byOwner(s.look, inv)
	}
	if u.Key == "" {
		u = p.byFile(inv)
	}
	return u
}

// superuser owns what programs put into a local folder on behalf of anybody.
const superuser = 0

// key keeps the users of different sources, and of different ways to tell
// them, apart.
func (s *Share) key(way, name string) string { return s.Name() + ":" + way + ":" + name }

func (p *pass) byFolder(file string) ticket.User {
	name, _, below := strings.Cut(file, "/")
	if !below {
		return ticket.User{}
	}
	return ticket.User{Key: p.key(ByFolder, shown(name)), Name: invitation.Clean(name)}
}

// byOwner calls an account on a server that nobody knows the name of as the file
// does.
func (p *pass) byOwner(l look, inv invitation.Invitation) ticket.User {
	switch {
	case l.account.id != "" && p.telling(l.account.id):
		return ticket.User{Key: p.key(ByOwner, l.account.id), Name: cmp.Or(invitation.Clean(l.account.name), inv.User)}
	case l.owner < 0:
		return ticket.User{}
	}
	return ticket.User{Key: p.key(ByOwner, strconv.FormatInt(l.owner, 10)), Name: invitation.Clean(p.people.name(l.owner))}
}

// telling tells whether an account on a server says who dropped a file: not if
// it is everybody's, or the one that what we make belongs to as well, for then
// the server gives all files to one.
func (p *pass) telling(account string) bool {
	if nobodys(account) || p.options.Mode == Read {
		return !nobodys(account)
	}
	ours, err := p.self()
	return err != nil || ours != account
}

// byFile goes by USERNAME and computer together, for "Administrator" alone is
// common.
func (s *Share) byFile(inv invitation.Invitation) ticket.User {
	computer := computerOf(inv.Endpoints)
	if inv.User == "" || computer == "" {
		return ticket.User{Name: inv.User}
	}
	return ticket.User{Key: s.key(ByFile, strings.ToLower(inv.User+"@"+computer)), Name: inv.User}
}

// computerOf is the host name among the addresses, or else the best address.
func computerOf(endpoints []invitation.Endpoint) string {
	best := ""
	for _, e := range endpoints {
		if e.Host == "" {
			continue
		}
		if _, err := netip.ParseAddr(e.Host); err != nil {
			return e.Host
		}
		if best == "" {
			best = e.Host
		}
	}
	return best
}

// people remembers the names of owners. The zero value is ready for use.
type people struct{ names sync.Map }

// name is the account's name, or its number where there is no such account.
func (p *people) name(number int64) string {
	owner := strconv.FormatInt(number, 10)
	if name, ok := p.names.Load(owner); ok {
		return name.(string)
	}
	name := owner
	if u, err := user.LookupId(owner); err == nil {
		name = u.Username
	}
	p.names.Store(owner, name)
	return name
}
