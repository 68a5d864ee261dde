package ticket

// Reply is what answering a delivery needs of the mail it came by. All of it
// is the sender's own word: bounded, of one line each, and without what could
// break out of a header. The zero value answers nobody, as for a file on a share.
type Reply struct {
	To        string  // one plain address, "jane@example.org"
	MessageID string  // of the mail, without angle brackets; "" where it has no proper one
	Subject   string  // passwords masked
	Language  string  // of what the user wrote, by its primary subtag ("de"); "" where nothing tells
	Silent    Silence // why there must be no answer
}

// Silence is why a mail is never answered; "" is no reason.
type Silence string

// Reasons for silence. The invitation in such a mail is queued like any other.
const (
	SilentAutomatic Silence = "automatic"  // sent by a program or to a list: answering it may go on for ever (RFC 3834 section 2)
	SilentInviter   Silence = "inviter"    // an inviter wrote it, perhaps we
	SilentOld       Silence = "old"        // it lay there for long when the mailbox was first looked at
	SilentNobody    Silence = "no-address" // it names nobody to answer
)

// Wanted tells whether the mail may be answered.
func (r Reply) Wanted() bool { return r.To != "" && r.Silent == "" }
