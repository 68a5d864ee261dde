// Package sample writes Remote Assistance invitations as Windows would, with
// real encryption, for the demo and for tests. The same fields give the same
// bytes; nothing here is fit to protect anything.
//
// The shapes follow [MS-RAI] 2.2.1 and 2.2.2; the cipher is the one of
// [MS-RAIOP] 4.1. The writing side shares no code with package invitation, so
// that a mistake in one of them shows.
package sample

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Invitation says what the file shall hold. The zero value is usable: an
// unnamed user, no dates, no password, two made-up addresses.
type Invitation struct {
	User        string    // USERNAME; "" leaves it out
	Password    string    // "" writes RCTICKETENCRYPTED="0"
	Start       time.Time // DtStart; zero leaves both dates out
	Minutes     int       // DtLength; 0 means 360, as Windows 7 and later write it
	Endpoints   []string  // "10.0.1.174:64733", "[2001:db8::7]:49230", "pc7:3389", "wss://gate/x"; nil makes two up
	Copy        bool      // RA2: with the plain RCTICKET for XP beside LHTICKET
	Certificate bool      // RA2, ConnectionString: with CE, as Windows 10 and 11 write it (6 KB)
	Encoding    Encoding  // of RA1 and RA2; a connection string is always 8-bit
	Seed        int64     // another seed is another invitation
}

// RA1 is the file as Windows XP and Server 2003 write it.
func (i Invitation) RA1() []byte {
	t := i.ticket(32)
	text := `<?xml version="1.0" encoding="Unicode" ?><UPLOADINFO TYPE="Escalated"><UPLOADDATA` +
		i.userName() + attribute("RCTICKET", t.string1()) + i.encrypted() + i.dates()
	if i.Password != "" {
		text += attribute("PassStub", t.stub)
	}
	return i.Encoding.encode(text + ` L="0" /></UPLOADINFO>`)
}

// RA2 is the file as Windows Vista and later write it: the addresses are
// encrypted with the password.
func (i Invitation) RA2() []byte {
	t := i.ticket(48)
	text := `<?xml version="1.0"?>` + "\n" + `<UPLOADINFO TYPE="Escalated"><UPLOADDATA` + i.userName()
	if i.Copy {
		text += attribute("RCTICKET", t.string1())
	}
	text += attribute("LHTICKET", seal(i.Password, t.string2())) + attribute("PassStub", t.stub) +
		i.encrypted() + i.dates()
	return i.Encoding.encode(text + ` L="0"/></UPLOADINFO>`)
}

// ConnectionString is the bare <E> that desktop-sharing tools hand out: no
// user, no dates, no password.
func (i Invitation) ConnectionString() []byte { return []byte(i.ticket(48).string2()) }

func (i Invitation) userName() string {
	if i.User == "" {
		return ""
	}
	return attribute("USERNAME", i.User)
}

func (i Invitation) encrypted() string {
	if i.Password == "" {
		return attribute("RCTICKETENCRYPTED", "0")
	}
	return attribute("RCTICKETENCRYPTED", "1")
}

func (i Invitation) dates() string {
	if i.Start.IsZero() {
		return ""
	}
	minutes := i.Minutes
	if minutes == 0 {
		minutes = 360
	}
	return attribute("DtStart", fmt.Sprint(i.Start.Unix())) + attribute("DtLength", fmt.Sprint(minutes))
}

// ticket makes up what Windows would draw at random. User and start are mixed
// in, so that different people's samples differ without thinking of seeds.
func (i Invitation) ticket(sessionBytes int) ticket {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %q %d", i.Seed, i.User, i.Start.Unix()))
	r := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])))
	t := ticket{
		session: random64(r, sessionBytes),
		keyHash: random64(r, 20),
		stub:    passStub(r),
		hosts:   i.Endpoints,
	}
	if t.hosts == nil {
		t.hosts = []string{
			fmt.Sprintf("[fe80::%x:%x%%3]:%d", 1+r.IntN(0xffff), 1+r.IntN(0xffff), 49152+r.IntN(16000)),
			fmt.Sprintf("10.%d.%d.%d:%d", r.IntN(256), r.IntN(256), 1+r.IntN(254), 49152+r.IntN(16000)),
		}
	}
	if i.Certificate {
		t.certificate = random64(r, 780)
	}
	return t
}

// passStub draws 14 characters of the classes that Windows draws from; they
// may need escaping in XML.
func passStub(r *rand.Rand) string {
	const alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*_"
	b := make([]byte, 14)
	for n := range b {
		b[n] = alnum[r.IntN(len(alnum))]
	}
	b[2] = "!@#$&^*()-+="[r.IntN(12)]
	b[3] = '0' + byte(r.IntN(10))
	b[4] = 'A' + byte(r.IntN(26))
	b[5] = 'a' + byte(r.IntN(26))
	return string(b)
}

func random64(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for k := range b {
		b[k] = byte(r.Uint32())
	}
	return base64.StdEncoding.EncodeToString(b)
}

func attribute(name, value string) string {
	return " " + name + `="` + escape(value) + `"`
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", "&#xA;").Replace(s)
}
