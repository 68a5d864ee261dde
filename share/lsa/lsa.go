// Package lsa asks a Windows or Samba server what an account is called whose
// number (SID) it gave: the call LsarLookupSids of MS-LSAT, by DCE/RPC (C706)
// over the pipe "lsarpc" that servers offer over SMB.
//
// What a server answers is bounded and checked; nothing of it is trusted.
package lsa

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Pipe is the name of the pipe on the server's share IPC$.
const Pipe = "lsarpc"

// Account is who a SID stands for.
type Account struct {
	Name   string // without its domain
	Person bool   // a user, and no group or computer's role
}

// ErrUnknown means that the server knows no account of that SID.
var ErrUnknown = errors.New("the server knows no such account")

// errAnswer means that a server's answer makes no sense.
var errAnswer = errors.New("the answer makes no sense")

// Calls, MS-LSAT 3.1.4 and MS-LSAD 3.1.4.4.1.
const (
	openPolicy2 = 44
	lookupSIDs  = 15
	lookupNames = 0x800 // the right to look up names
)

// Lookup asks for one account. sid is in its binary form, MS-DTYP 2.4.2.2. The
// pipe is open, and asked nothing before or after.
func Lookup(pipe io.ReadWriter, sid []byte) (Account, error) {
	c := conversation{pipe: pipe}
	if err := c.bind(); err != nil {
		return Account{}, fmt.Errorf("bind: %w", err)
	}
	policy, err := c.open()
	if err != nil {
		return Account{}, fmt.Errorf("open policy: %w", err)
	}
	answer, err := c.call(lookupSIDs, lookup(policy, sid))
	if err != nil {
		return Account{}, fmt.Errorf("look up: %w", err)
	}
	return account(answer)
}

// open gets the handle that questions are asked by.
func (c *conversation) open() ([]byte, error) {
	const handle, attributes = 20, 24
	le := binary.LittleEndian
	stub := make([]byte, 4, 4+attributes+4) // no system name
	stub = le.AppendUint32(stub, attributes)
	stub = append(stub, make([]byte, attributes-4)...)
	answer, err := c.call(openPolicy2, le.AppendUint32(stub, lookupNames))
	if err != nil {
		return nil, err
	}
	if len(answer) < handle+4 || le.Uint32(answer[handle:]) != 0 {
		return nil, errAnswer
	}
	return answer[:handle], nil
}

// lookup is the question for one SID, MS-LSAT 3.1.4.11.
func lookup(policy, sid []byte) []byte {
	const pointer, level = 0x20000, 1
	le := binary.LittleEndian
	stub := append([]byte{}, policy...)
	for _, n := range []uint32{1, pointer, 1, pointer + 4, uint32(len(sid)-8) / 4} { // one entry, in an array of one
		stub = le.AppendUint32(stub, n)
	}
	stub = append(stub, sid...)
	for _, n := range []uint32{0, 0, level, 0} { // no names yet, level, none mapped
		stub = le.AppendUint32(stub, n)
	}
	return stub
}

// account reads the answer for one SID.
func account(answer []byte) (Account, error) {
	const notMapped, noneMapped = 0x107, 0xC0000073
	r := reader{rest: answer}
	r.domains()
	count, names := r.u32(), r.u32()
	if count > 1 || names != 0 && r.u32() != count {
		return Account{}, errAnswer
	}
	var a Account
	if names != 0 && count == 1 {
		use := r.u32() // 16 bits, and as many of padding
		_ = r.u32()    // lengths, again below
		text := r.u32()
		_ = r.u32() // domain
		a.Person = use&0xffff == 1
		if text != 0 {
			a.Name = r.text()
		}
	}
	_ = r.u32() // how many were mapped
	status := r.u32()
	switch {
	case r.failed:
		return Account{}, errAnswer
	case status == noneMapped || status == notMapped || status == 0 && a.Name == "":
		return Account{}, ErrUnknown
	case status != 0:
		return Account{}, fmt.Errorf("the server answers %#x", status)
	}
	return a, nil
}
