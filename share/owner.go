package share

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/cloudsoda/go-smb2"

	"inviter/share/lsa"
)

// account is whom a file on a server belongs to.
type account struct {
	id   string // its SID, "S-1-5-21-…"; "" where the server won't say
	name string // "" where nobody knows it
}

// ownerOf is the number of the account that a file belongs to; nil where the
// server won't say.
func ownerOf(f *smb2.File) ([]byte, error) {
	raw, err := f.SecurityInfoRaw(smb2.OwnerSecurityInformation)
	if err != nil && broken(err) {
		return nil, err
	}
	sid, _ := ownerIn(raw) // or nobody
	return sid, nil
}

// maxNamed bounds how many accounts are remembered by name.
const maxNamed = 4096

// named asks the server what an account is called, once a connection.
func (c *connection) named(ctx context.Context, host string, sid []byte) (account, error) {
	a := account{id: sidText(sid)}
	if a.id == "" || nobodys(a.id) {
		return a, nil
	}
	if known, ok := c.accounts[a.id]; ok {
		return known, nil
	}
	found, err := c.lookup(ctx, host, sid)
	switch {
	case err != nil && broken(err):
		return a, err
	case err == nil && found.Person:
		a.name = found.Name
	case err == nil:
		a = account{} // a group's file may be anybody's
	}
	if len(c.accounts) < maxNamed {
		c.accounts[sidText(sid)] = a
	}
	return a, nil
}

func (c *connection) lookup(ctx context.Context, host string, sid []byte) (a lsa.Account, err error) {
	ipc, err := c.session.WithContext(ctx).Mount(`\\` + host + `\IPC$`)
	if err != nil {
		return a, err
	}
	ipc = ipc.WithContext(ctx)
	defer func() { err = errors.Join(err, ipc.Umount()) }()
	pipe, err := ipc.OpenFile(lsa.Pipe, os.O_RDWR, 0o666)
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, pipe.Close()) }()
	return lsa.Lookup(pipe, sid)
}

var errNoOwner = errors.New("no owner in the security descriptor")

// Sizes of SIDs, MS-DTYP 2.4.2.2, in bytes.
const (
	sidFixed = 8
	sidPart  = 4
	sidParts = 15 // at most
)

// ownerIn finds the owner's SID in a self-relative security descriptor, MS-DTYP
// 2.4.6.
func ownerIn(descriptor []byte) ([]byte, error) {
	const header = 20
	if len(descriptor) < header {
		return nil, errNoOwner
	}
	at := binary.LittleEndian.Uint32(descriptor[4:])
	if at < header || uint64(at)+sidFixed > uint64(len(descriptor)) {
		return nil, errNoOwner
	}
	sid := descriptor[at:]
	count := int(sid[1])
	if sid[0] != 1 || count > sidParts || len(sid) < sidFixed+sidPart*count {
		return nil, errNoOwner
	}
	return sid[:sidFixed+sidPart*count], nil
}

// sidText writes a SID as people do, "S-1-5-21-…"; "" for none.
func sidText(sid []byte) string {
	if sid == nil {
		return ""
	}
	authority := uint64(binary.BigEndian.Uint16(sid[2:]))<<32 | uint64(binary.BigEndian.Uint32(sid[4:]))
	text := "S-1-" + strconv.FormatUint(authority, 10)
	for at := sidFixed; at < len(sid); at += sidPart {
		text += "-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(sid[at:])), 10)
	}
	return text
}

// nobodys tells accounts that many people's files belong to, and so say nothing
// about who dropped one: groups, the system, guests (MS-DTYP 2.4.2.4), and the
// superuser and "nobody" of a Unix server.
func nobodys(account string) bool {
	known := []string{"S-1-1-0", "S-1-5-7", "S-1-5-11", "S-1-5-18", "S-1-5-32-544", "S-1-5-32-545", "S-1-5-32-546",
		"S-1-22-1-0", "S-1-22-1-65534"}
	return slices.Contains(known, account) || strings.HasPrefix(account, "S-1-5-21-") && strings.HasSuffix(account, "-501")
}
