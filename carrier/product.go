package carrier

import (
	"regexp"
	"time"
)

// product is one row of what is recognised. A pattern without a keyword is
// clear by itself; digits need a keyword near them, else phone numbers match.
// A group in the pattern is what nobody else may read.
type product struct {
	name     string
	madeBy   Side
	hints    []string // lower case: without any of them the text isn't looked at
	keywords []string // lower case: one must be within nearby characters
	digit    bool     // the code has one
	whole    bool     // no dot and further letters follow: they would make a mail address of it
	pattern  *regexp.Regexp
	lifetime time.Duration
	advice   string
}

// Advice for what can't become a ticket.
const (
	adviceTechnician = "This code is made by the technician; it can't be used to ask for help."
	adviceMeeting    = "A meeting room is no invitation to a computer."
	adviceEasy       = "Easy Connect no longer works on current Windows; please save the invitation as a file."
	adviceDesktop    = "A Remote Desktop link may lead anywhere; it is not followed."
	adviceVNC        = "A VNC address is open to whoever knows it; please make an invitation."
)

// products is the table of INVITATIONS.md section 8: first the links, which
// are clear by themselves, then the codes.
var products = []product{
	{name: "Splashtop SOS", madeBy: ByTechnician, advice: adviceTechnician, hints: []string{"splashtop"},
		pattern: regexp.MustCompile(`my\.splashtop\.(?:com|eu)/sos/packages/download/[A-Z0-9]{12}`)},
	{name: "TeamViewer", madeBy: ByTechnician, advice: adviceTechnician, hints: []string{"teamviewer"},
		pattern: regexp.MustCompile(`get\.teamviewer\.com/s\d{8}(?:-([A-Za-z0-9]{12}))?`)},
	{name: "RustDesk", madeBy: ByUser, hints: []string{"rustdesk"},
		pattern: regexp.MustCompile(`rustdesk:(?://)?[^\s?]{4,100}(?:\?password=(\S{1,100}))?`)},
	{name: "AnyDesk", madeBy: ByUser, hints: []string{"anydesk"},
		pattern: regexp.MustCompile(`anydesk:(?://)?(?:\d{9,10}|[\w.-]{1,64}@[\w.-]{1,64})`)},
	{name: "Zoho Assist", madeBy: ByTechnician, advice: adviceTechnician, hints: []string{"zoho"},
		pattern: regexp.MustCompile(`assist\.zoho\.[a-z.]{2,6}/(?:join|assist-start)\?\S{0,100}key=(\d{9})`)},
	{name: "ScreenConnect", madeBy: ByTechnician, advice: adviceTechnician, hints: []string{"session=", "client.exe"},
		pattern: regexp.MustCompile(`[?&](?:Session|s)=[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}`)},
	{name: "MeshCentral", madeBy: ByTechnician, advice: adviceTechnician, hints: []string{"agentinvite"},
		pattern: regexp.MustCompile(`https?://\S{1,200}/agentinvite\?c=([A-Za-z0-9@$]{4,500})`)},
	{name: "VNC", madeBy: ByUser, advice: adviceVNC, hints: []string{"vnc://"},
		pattern: regexp.MustCompile(`vnc://\S{3,200}`)},
	{name: "Remote Desktop", madeBy: ByEither, advice: adviceDesktop, hints: []string{"rdp://"},
		pattern: regexp.MustCompile(`rdp://\S{3,200}`)},
	{name: "Jitsi", madeBy: ByEither, advice: adviceMeeting, hints: []string{"meet.jit.si"},
		pattern: regexp.MustCompile(`meet\.jit\.si/[\w%-]{1,100}`)},
	{name: "Teams", madeBy: ByEither, advice: adviceMeeting, hints: []string{"teams.microsoft.com"},
		pattern: regexp.MustCompile(`teams\.microsoft\.com/l/meetup-join/\S{1,300}`)},
	{name: "Google Meet", madeBy: ByEither, advice: adviceMeeting, hints: []string{"meet.google.com"},
		pattern: regexp.MustCompile(`meet\.google\.com/[a-z]{3}-[a-z]{4}-[a-z]{3}`)},
	{name: "Zoom", madeBy: ByEither, advice: adviceMeeting, hints: []string{"zoom.us"},
		pattern: regexp.MustCompile(`zoom\.us/j/\d{9,11}\S{0,200}`)},

	{name: "AnyDesk", madeBy: ByUser, hints: []string{"anydesk"}, keywords: []string{"anydesk"},
		whole: true, pattern: regexp.MustCompile(`\b[\w.-]{1,64}@[a-zA-Z][\w-]{1,63}\b`)},
	{name: "Splashtop SOS", madeBy: ByUser, hints: []string{"splashtop", "sos"}, keywords: []string{"splashtop", "sos code", "sos-code"},
		pattern: regexp.MustCompile(`\b\d{3}[- ]?\d{3}[- ]?\d{3}\b`)},
	{name: "TeamViewer", madeBy: ByUser, hints: []string{"teamviewer"}, keywords: []string{"teamviewer"}, pattern: nineOrTen},
	{name: "AnyDesk", madeBy: ByUser, hints: []string{"anydesk"}, keywords: []string{"anydesk"}, pattern: nineOrTen},
	{name: "RustDesk", madeBy: ByUser, hints: []string{"rustdesk"}, keywords: []string{"rustdesk"}, pattern: nineOrTen},
	{name: "Splashtop Service Desk", madeBy: ByTechnician, advice: adviceTechnician, hints: []string{"splashtop"}, keywords: []string{"splashtop"},
		pattern: regexp.MustCompile(`\b\d{6}\b`)},
	{name: "Quick Assist", madeBy: ByTechnician, advice: adviceTechnician, lifetime: 10 * time.Minute, digit: true,
		hints: []string{"quick", "remote"}, keywords: []string{"quick assist", "quickassist", "remotehilfe", "remote help"},
		pattern: regexp.MustCompile(`\b[A-Z0-9]{6,8}\b`)},
	{name: "Easy Connect", madeBy: ByUser, advice: adviceEasy, lifetime: 30 * time.Minute,
		hints: []string{"easy"}, keywords: []string{"easy connect", "easyconnect"},
		pattern: regexp.MustCompile(`\b[BCDFGHJKLMNPQRSTVWXYZ2-9]{6}\b`)},
}

// nineOrTen are ids of nine or ten digits as people group them.
var nineOrTen = regexp.MustCompile(`\b(?:\d ?)?\d{3} ?\d{3} ?\d{3}\b`)
