package share

import (
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/cloudsoda/go-smb2"
)

// ownerOf is the account that a file belongs to; "" where the server won't say.
func ownerOf(f *smb2.File) (string, error) {
	raw, err := f.SecurityInfoRaw(smb2.OwnerSecurityInformation)
	if err != nil {
		if broken(err) {
			return "", err
		}
		return "", nil
	}
	sid, err := ownerIn(raw)
	if err != nil {
		return "", nil
	}
	return sid, nil
}

var errNoOwner = errors.New("no owner in the security descriptor")

// ownerIn reads the owner out of a self-relative security descriptor, MS-DTYP
// 2.4.6, as "S-1-5-21-…".
func ownerIn(descriptor []byte) (string, error) {
	const header, fixed, part, most = 20, 8, 4, 15 // bytes, and parts of a SID (2.4.2.2)
	if len(descriptor) < header {
		return "", errNoOwner
	}
	at := binary.LittleEndian.Uint32(descriptor[4:])
	if at < header || uint64(at)+fixed > uint64(len(descriptor)) {
		return "", errNoOwner
	}
	sid := descriptor[at:]
	count := int(sid[1])
	if sid[0] != 1 || count > most || len(sid) < fixed+part*count {
		return "", errNoOwner
	}
	authority := uint64(binary.BigEndian.Uint16(sid[2:]))<<32 | uint64(binary.BigEndian.Uint32(sid[4:]))
	text := "S-1-" + strconv.FormatUint(authority, 10)
	for i := range count {
		text += "-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(sid[fixed+part*i:])), 10)
	}
	return text, nil
}

// nobodys tells accounts that many people's files belong to, and so say nothing
// about who dropped one: groups, the system, guests (MS-DTYP 2.4.2.4), and the
// superuser and "nobody" of a Unix server.
func nobodys(account string) bool {
	known := []string{"S-1-1-0", "S-1-5-7", "S-1-5-11", "S-1-5-18", "S-1-5-32-544", "S-1-5-32-545", "S-1-5-32-546",
		"S-1-22-1-0", "S-1-22-1-65534"}
	return slices.Contains(known, account) || strings.HasPrefix(account, "S-1-5-21-") && strings.HasSuffix(account, "-501")
}
