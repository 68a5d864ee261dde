package ticket

import "time"

// EventKind names one thing that happened to a ticket.
type EventKind string

// Events, in the order of a ticket's life.
const (
	EventSubmitted   EventKind = "submitted"
	EventRepeated    EventKind = "repeated" // delivered once more
	EventQuarantined EventKind = "quarantined"
	EventApproved    EventKind = "approved"
	EventRefused     EventKind = "refused"
	EventClaimed     EventKind = "claimed"
	EventFetched     EventKind = "fetched" // the file was handed out
	EventChecked     EventKind = "checked" // a password was tried; Other is the verdict, never the password
	EventConnected   EventKind = "connected"
	EventReleased    EventKind = "released"
	EventUndone      EventKind = "undone" // a claim taken back at once, by whoever made it
	EventTransferred EventKind = "transferred"
	EventTakenOver   EventKind = "taken-over"
	EventLapsed      EventKind = "lapsed"
	EventDismissed   EventKind = "dismissed" // taken from Other, who may hold no tickets any more
	EventClosed      EventKind = "closed"
	EventWithdrawn   EventKind = "withdrawn"
	EventExpired     EventKind = "expired"
	EventSuperseded  EventKind = "superseded"
	EventDisowned    EventKind = "disowned"
	EventTrusted     EventKind = "trusted"    // user and team are trusted contacts, once more perhaps
	EventDistrusted  EventKind = "distrusted" // and no longer: By, of side Other ("user", "team"), revoked it
	EventTold        EventKind = "told"       // after a close, by the user; Other is ItWorks or StillHelp
)

// Events of support links. Ticket is 0; Other is "link 7".
const (
	EventLinkMade   EventKind = "link-made"
	EventLinkBound  EventKind = "link-bound" // a computer said yes
	EventLinkAsked  EventKind = "link-asked" // the technician asks for another invitation
	EventLinkClosed EventKind = "link-closed"
)

// What a user tells after a close.
const (
	ItWorks   = "works"
	StillHelp = "still-needs-help"
)

// StillNeedsHelp marks a closed ticket whose user said so.
const StillNeedsHelp Flag = StillHelp

// Still is a user who said so, and is not in line again.
type Still struct {
	Ticket ID
	User   User
	Closed time.Time
}

// Events about refused items. Ticket is 0, or the ticket that came of it; Other
// names the refusal and its source.
const (
	EventRefusalRetried   EventKind = "refusal-retried"   // read once more; Note is what came of it
	EventRefusalDismissed EventKind = "refusal-dismissed" // thrown away
	EventRefusalFetched   EventKind = "refusal-fetched"   // handed out to look into; Note says where he asked from
)

// ByUser is the By of what the user did.
const ByUser = "user"

// Event is one row of a ticket's history. It never holds content or secrets.
type Event struct {
	Ticket ID
	At     time.Time
	Kind   EventKind
	By     string // the technician, ByUser, or "" for the clock and sources
	Claim  int    // the claim number it was about; 0 for none
	Other  string // whom or what else it names: new holder, source, reason, result, verdict, other ticket
	Note   string
}
