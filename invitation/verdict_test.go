package invitation_test

import (
	"reflect"
	"strings"
	"testing"

	"inviter/invitation"
)

const rc = "65538,1,10.0.0.7:3389,*,c2Vzc2lvbg==,*,*,aGFzaA=="

// file writes an UPLOADINFO with the attributes given.
func file(attributes string) string {
	return `<UPLOADINFO TYPE="Escalated"><UPLOADDATA ` + attributes + `/></UPLOADINFO>`
}

func dated(attributes string) string {
	return file(attributes + ` RCTICKETENCRYPTED="1" DtStart="1700000000" DtLength="60"`)
}

// TestRefusals has a row for each refusing line of INVITATIONS.md section 9.
func TestRefusals(t *testing.T) {
	t.Parallel()
	lh := strings.Repeat("0123456789ABCDEF", 8)
	for name, c := range map[string]struct {
		file string
		code invitation.Code
	}{
		"empty":                  {"", invitation.NotAnInvitation},
		"only blanks":            {"\xEF\xBB\xBF \r\n\x00\x1a", invitation.NotAnInvitation},
		"plain text":             {"Please help me, my PC is <slow>", invitation.NotAnInvitation},
		"html":                   {"<!DOCTYPE html><html><body>&lt;UPLOADINFO</body></html>", invitation.NotAnInvitation},
		"html without doctype":   {"<html><p>hello", invitation.NotAnInvitation},
		"svg":                    {`<?xml version="1.0"?><!DOCTYPE svg PUBLIC "x"><svg/>`, invitation.NotAnInvitation},
		"other xml":              {`<?xml version="1.0"?><note TYPE="Escalated"/>`, invitation.NotAnInvitation},
		"png":                    {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", invitation.NotAnInvitation},
		"root E of another kind": {"<E><event/></E>", invitation.NotAnInvitation},
		"text before":            {"see: " + dated(`RCTICKET="`+rc+`"`), invitation.NotAnInvitation},
		"lower-case root":        {strings.ToLower(dated(`RCTICKET="` + rc + `"`)), invitation.NotAnInvitation},

		"only a declaration":     {`<?xml version="1.0"?>`, invitation.Damaged},
		"half a declaration":     {`<?xml versi`, invitation.Damaged},
		"half the root's name":   {`<?xml version="1.0"?><UPLOADIN`, invitation.Damaged},
		"cut in an attribute":    {dated(`RCTICKET="` + rc)[:80], invitation.Damaged},
		"cut before the end":     {strings.TrimSuffix(dated(`RCTICKET="`+rc+`"`), "</UPLOADINFO>"), invitation.Damaged},
		"cut in the end tag":     {strings.TrimSuffix(dated(`RCTICKET="`+rc+`"`), ">"), invitation.Damaged},
		"crossed tags":           {`<UPLOADINFO TYPE="Escalated"><a></b></UPLOADINFO>`, invitation.Damaged},
		"attribute cut":          {`<UPLOADINFO TYPE>`, invitation.Damaged},
		"unquoted":               {`<UPLOADINFO TYPE=Escalated>`, invitation.Damaged},
		"quote lost":             {dated(`RCTICKET="` + rc + ` USERNAME="jane"`), invitation.Damaged},
		"open comment":           {`<UPLOADINFO TYPE="Escalated"><!-- `, invitation.Damaged},
		"bare cut":               {`<E><A KH="x"/><C><T ID="1"><L P="1" N="h"/>`, invitation.Damaged},
		"odd hex":                {dated(`LHTICKET="` + lh[1:] + `"`), invitation.Damaged},
		"not hex":                {dated(`LHTICKET="` + lh[2:] + `xy"`), invitation.Damaged},
		"not whole blocks":       {dated(`LHTICKET="` + lh[2:] + `"`), invitation.Damaged},
		"UTF-16 with odd breaks": {"\xFF\xFE<\x00?\x00x\x00m\x00l\x00?\x00>\x00\r\n\x00<\x00E\x00>\x00", invitation.Damaged},

		"doctype":         {`<?xml version="1.0"?><!DOCTYPE UPLOADINFO [<!ENTITY x SYSTEM "http://a/">]>` + dated(`RCTICKET="`+rc+`"`), invitation.ForbiddenXML},
		"doctype, E":      {`<!doctype E><E><A/></E>`, invitation.ForbiddenXML},
		"doctype inside":  {`<UPLOADINFO TYPE="Escalated"><!DOCTYPE x></UPLOADINFO>`, invitation.ForbiddenXML},
		"entity inside":   {`<UPLOADINFO TYPE="Escalated"><!ENTITY x "y"></UPLOADINFO>`, invitation.ForbiddenXML},
		"doctype, spaced": {"\n<!-- c --><!DOCTYPE\nUPLOADINFO>" + dated(`RCTICKET="`+rc+`"`), invitation.ForbiddenXML},

		"attribute twice":         {dated(`RCTICKET="` + rc + `" RCTICKET="` + rc + `"`), invitation.Contradictory},
		"unknown attribute twice": {dated(`X="" X="" RCTICKET="` + rc + `"`), invitation.Contradictory},
		"TYPE wrong":              {`<UPLOADINFO TYPE="Normal"><UPLOADDATA RCTICKET="` + rc + `"/></UPLOADINFO>`, invitation.Contradictory},
		"TYPE missing":            {`<UPLOADINFO><UPLOADDATA RCTICKET="` + rc + `"/></UPLOADINFO>`, invitation.Contradictory},
		"two UPLOADDATA":          {`<UPLOADINFO TYPE="Escalated"><UPLOADDATA/><UPLOADDATA/></UPLOADINFO>`, invitation.Contradictory},
		"UPLOADDATA inside":       {`<UPLOADINFO TYPE="Escalated"><UPLOADDATA><UPLOADDATA/></UPLOADDATA></UPLOADINFO>`, invitation.Contradictory},
		"UPLOADDATA elsewhere":    {`<UPLOADINFO TYPE="Escalated"><X><UPLOADDATA RCTICKET="` + rc + `"/></X></UPLOADINFO>`, invitation.Contradictory},
		"two roots":               {dated(`RCTICKET="`+rc+`"`) + "\n" + dated(`RCTICKET="`+rc+`"`), invitation.Contradictory},

		"no ticket":          {dated(`USERNAME="jane"`), invitation.NoTicket},
		"empty tickets":      {dated(`RCTICKET="" LHTICKET=" "`), invitation.NoTicket},
		"no UPLOADDATA":      {`<UPLOADINFO TYPE="Escalated"></UPLOADINFO>`, invitation.NoTicket},
		"root alone":         {`<UPLOADINFO TYPE="Escalated"/>`, invitation.NoTicket},
		"no listener":        {`<E><A KH="x" ID="y"/><C><T ID="1" SID="0"/></C></E>`, invitation.NoTicket},
		"7 fields":           {dated(`RCTICKET="65538,1,a:1,*,b,*,*"`), invitation.BadAddress},
		"9 fields":           {dated(`RCTICKET="` + rc + `,"`), invitation.BadAddress},
		"not 65538":          {dated(`RCTICKET="65537` + rc[5:] + `"`), invitation.BadAddress},
		"not 1":              {dated(`RCTICKET="65538,2` + rc[7:] + `"`), invitation.BadAddress},
		"star missing":       {dated(`RCTICKET="65538,1,a:1,x,b,*,*,c"`), invitation.BadAddress},
		"no port":            {dated(`RCTICKET="65538,1,pc7,*,b,*,*,c"`), invitation.BadAddress},
		"port 0":             {dated(`RCTICKET="65538,1,pc7:0,*,b,*,*,c"`), invitation.BadAddress},
		"port 65536":         {dated(`RCTICKET="65538,1,pc7:65536,*,b,*,*,c"`), invitation.BadAddress},
		"port signed":        {dated(`RCTICKET="65538,1,pc7:+1,*,b,*,*,c"`), invitation.BadAddress},
		"empty host":         {dated(`RCTICKET="65538,1,:3389,*,b,*,*,c"`), invitation.BadAddress},
		"one of two bad":     {dated(`RCTICKET="65538,1,pc7:1;pc8,*,b,*,*,c"`), invitation.BadAddress},
		"no address":         {dated(`RCTICKET="65538,1,,*,b,*,*,c"`), invitation.BadAddress},
		"host like a switch": {dated(`RCTICKET="65538,1,-v:1,*,b,*,*,c"`), invitation.BadAddress},
		"host like markup":   {dated(`RCTICKET="65538,1,a&lt;b:1,*,b,*,*,c"`), invitation.BadAddress},
		"too many addresses": {dated(`RCTICKET="65538,1` + "," + strings.Repeat("a:1;", 300) + `,*,b,*,*,c"`), invitation.BadAddress},
		"bare, bad port":     {`<E><A/><C><T><L P="x" N="h"/></T></C></E>`, invitation.BadAddress},

		"start negative":   {file(`RCTICKET="` + rc + `" DtStart="-1" DtLength="60"`), invitation.BadTime},
		"start hex":        {file(`RCTICKET="` + rc + `" DtStart="0x10" DtLength="60"`), invitation.BadTime},
		"start empty":      {file(`RCTICKET="` + rc + `" DtStart="" DtLength="60"`), invitation.BadTime},
		"start fraction":   {file(`RCTICKET="` + rc + `" DtStart="1.5" DtLength="60"`), invitation.BadTime},
		"start of 65 bits": {file(`RCTICKET="` + rc + `" DtStart="36893488147419103232" DtLength="60"`), invitation.BadTime},
		"length negative":  {file(`RCTICKET="` + rc + `" DtStart="1" DtLength="-60"`), invitation.BadTime},
		"length words":     {file(`RCTICKET="` + rc + `" DtStart="1" DtLength="an hour"`), invitation.BadTime},
		"length 0":         {file(`RCTICKET="` + rc + `" DtStart="1" DtLength="0"`), invitation.NoLifetime},

		"too large":           {dated(`RCTICKET="` + rc + `" X="` + strings.Repeat("x", invitation.MaxSize) + `"`), invitation.TooLarge},
		"too deep":            {`<UPLOADINFO TYPE="Escalated">` + strings.Repeat("<a>", 16), invitation.TooDeep},
		"too many attributes": {`<UPLOADINFO TYPE="Escalated"><UPLOADDATA ` + numbered(65) + `/></UPLOADINFO>`, invitation.TooMany},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := refused(t, []byte(c.file))
			if r.Code != c.code {
				t.Errorf("%v, want %s", r, c.code)
			}
			if !strings.HasPrefix(r.Error(), string(c.code)) || r.Detail == "" {
				t.Errorf("message %q", r.Error())
			}
		})
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" a" + strings.Repeat("b", i) + `=""`)
	}
	return b.String()
}

// TestAccepted has what section 9 accepts beside the plain shapes.
func TestAccepted(t *testing.T) {
	t.Parallel()
	lh := strings.Repeat("0123456789abcdef", 2)
	type want struct {
		user      string
		password  bool
		endpoints []invitation.Endpoint
		warnings  []invitation.Warning
	}
	seven := []invitation.Endpoint{{Host: "10.0.0.7", Port: 3389}}
	addressed := func(list string) string { return dated(`RCTICKET="65538,1,` + list + `,*,b,*,*,c"`) }
	for name, c := range map[string]struct {
		file string
		want want
	}{
		"unknown attributes":   {dated(`URA="1" xmlns="u" RCTICKET="` + rc + `" DeleteTicket="0"`), want{"", true, seven, nil}},
		"bare ampersand":       {dated(`PassStub="a&b" USERNAME="A & B &co; &#74;&#x4a;&#0;" RCTICKET="` + rc + `"`), want{"A & B &co; JJ&#0;", true, seven, nil}},
		"user cleaned":         {dated(`USERNAME="ja&#x202E;ne&#10;  &#7;d\oe" RCTICKET="` + rc + `"`), want{`jane d\oe`, true, seven, nil}},
		"no password":          {file(`RCTICKETENCRYPTED="0" DtStart="1" DtLength="1" RCTICKET="` + rc + `"`), want{"", false, seven, []invitation.Warning{invitation.NoPassword}}},
		"password by stub":     {file(`PassStub="x" DtStart="1" DtLength="1" RCTICKET="` + rc + `"`), want{"", true, seven, nil}},
		"password unsaid":      {file(`DtStart="1" DtLength="1" RCTICKET="` + rc + `"`), want{"", false, seven, []invitation.Warning{invitation.NoPassword}}},
		"no dates":             {file(`RCTICKETENCRYPTED="1" RCTICKET="` + rc + `"`), want{"", true, seven, []invitation.Warning{invitation.NoExpiry}}},
		"no start":             {file(`RCTICKETENCRYPTED="1" DtLength="60" RCTICKET="` + rc + `"`), want{"", true, seven, []invitation.Warning{invitation.NoExpiry}}},
		"absurd length":        {file(`RCTICKETENCRYPTED="1" DtStart=" 1 " DtLength="2147483647" RCTICKET="` + rc + `"`), want{"", true, seven, nil}},
		"copy unreadable":      {dated(`LHTICKET="` + lh + `" RCTICKET="65538,1,pc7,*"`), want{"", true, nil, []invitation.Warning{invitation.AddressListIgnored}}},
		"copy with bad port":   {dated(`LHTICKET="` + lh + `" RCTICKET="65538,1,a:0,*,b,*,*,c"`), want{"", true, nil, []invitation.Warning{invitation.AddressListIgnored}}},
		"empty LHTICKET":       {dated(`LHTICKET="" RCTICKET="` + rc + `"`), want{"", true, seven, nil}},
		"only link-local":      {addressed("169.254.1.2:5;[fe80::1]:6;127.0.0.1:7"), want{"", true, []invitation.Endpoint{{Host: "169.254.1.2", Port: 5}, {Host: "fe80::1", Port: 6}, {Host: "127.0.0.1", Port: 7}}, []invitation.Warning{invitation.NoReachableAddress}}},
		"order and IPv6":       {addressed("[fe80::1]:6;pc_7:1;2001:db8::7:49230;[2001:db8::8]:5;192.168.1.2:3;192.168.1.2:3;localhost:4;"), want{"", true, []invitation.Endpoint{{Host: "192.168.1.2", Port: 3}, {Host: "2001:db8::7", Port: 49230}, {Host: "2001:db8::8", Port: 5}, {Host: "pc_7", Port: 1}, {Host: "fe80::1", Port: 6}, {Host: "localhost", Port: 4}}, nil}},
		"listener by URI":      {`<E><A KH="x"/><C><T><L U="wss://gate/x"/><L P="7" N="fe80::1%3"/></T></C><C><T><L P="5" N="10.1.1.1"/></T></C></E>`, want{"", false, []invitation.Endpoint{{Host: "10.1.1.1", Port: 5}, {URI: "wss://gate/x"}, {Host: "fe80::1%3", Port: 7}}, []invitation.Warning{invitation.NoExpiry}}},
		"bare, only loopback":  {`<E><A/><C><T><L P="7" N="::1"/></T></C></E>`, want{"", false, []invitation.Endpoint{{Host: "::1", Port: 7}}, []invitation.Warning{invitation.NoExpiry, invitation.NoReachableAddress}}},
		"depth 16":             {`<UPLOADINFO TYPE="Escalated">` + strings.Repeat("<a>", 15) + strings.Repeat("</a>", 15) + dated(`RCTICKET="` + rc + `"`)[len(`<UPLOADINFO TYPE="Escalated">`):], want{"", true, seven, nil}},
		"64 attributes":        {file(numbered(63) + ` RCTICKET="` + rc + `"`), want{"", false, seven, []invitation.Warning{invitation.NoPassword, invitation.NoExpiry}}},
		"UPLOADDATA with text": {`<UPLOADINFO TYPE='Escalated'> <X a='1'/>text<UPLOADDATA RCTICKETENCRYPTED="1" DtStart="1" DtLength="1" RCTICKET="` + rc + `" > </UPLOADDATA ></UPLOADINFO >`, want{"", true, seven, nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := parse(t, []byte(c.file))
			got := want{inv.User, inv.PasswordRequired, inv.Endpoints, inv.Warnings}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestRefusalsNameTheBadItem(t *testing.T) {
	t.Parallel()
	r := refused(t, []byte(dated(`RCTICKET="65538,1,10.0.0.7:1;pc&#x202E;8,*,b,*,*,c"`)))
	if !strings.Contains(r.Detail, "pc8") || strings.Contains(r.Detail, "10.0.0.7") {
		t.Errorf("%q", r.Detail)
	}
}

func TestAbsurdStartStaysWithinFourDigitYears(t *testing.T) {
	t.Parallel()
	inv := parse(t, []byte(file(`RCTICKETENCRYPTED="1" DtStart="9223372036854775807" DtLength="60" RCTICKET="`+rc+`"`)))
	if inv.Start.Year() != 9999 {
		t.Errorf("%v", inv.Start)
	}
}
