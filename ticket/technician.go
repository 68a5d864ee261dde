package ticket

import (
	"slices"
	"strings"
	"unicode"
)

// Role is what an account may do.
type Role string

// Roles, as INTERFACE.md names them.
const (
	RoleViewer     Role = "viewer"     // sees the queue
	RoleTechnician Role = "technician" // claims
	RoleLead       Role = "lead"       // also takes over, closes others' tickets, decides on quarantine
	RoleAuditor    Role = "auditor"    // reads history and all of the reports
	RoleAdmin      Role = "admin"      // a lead who also manages accounts
)

// Technician is who says a verb.
type Technician struct {
	Name string
	Role Role
}

// MayClaim tells whether the role works on tickets at all.
func (t Technician) MayClaim() bool { return t.Role == RoleTechnician || t.Lead() }

// Lead tells whether the role decides over others' claims.
func (t Technician) Lead() bool { return t.Role == RoleLead || t.Role == RoleAdmin }

// Audits tells whether the role sees what everybody did, not only its own.
func (t Technician) Audits() bool { return t.Role == RoleAuditor || t.Lead() }

// End is the result a technician picks when closing.
type End string

// Results of a closed ticket.
const (
	Solved   End = "solved"
	Unsolved End = "unsolved"
	NoAnswer End = "no-answer"
	Misuse   End = "misuse"
)

// Ends lists the results in the order the page offers them.
func Ends() []End { return []End{Solved, Unsolved, NoAnswer, Misuse} }

// Reason is why a technician hands a ticket back.
type Reason string

// Reasons to release.
const (
	ReasonNoAnswer     Reason = "no-answer"
	ReasonNotReachable Reason = "not-reachable"
	ReasonWrongSkill   Reason = "wrong-skill"
	ReasonInterrupted  Reason = "interrupted"
	ReasonOther        Reason = "other"
)

// Reasons lists the reasons in the order the page offers them.
func Reasons() []Reason {
	return []Reason{ReasonNoAnswer, ReasonNotReachable, ReasonWrongSkill, ReasonInterrupted, ReasonOther}
}

func (r Reason) valid() bool { return slices.Contains(Reasons(), r) }

// FirstName is how users hear of a technician: the first word of the account's
// name, with a capital letter.
func FirstName(account string) string {
	word := strings.FieldsFunc(account, func(r rune) bool { return strings.ContainsRune(" ._@-+\\/", r) })
	if len(word) == 0 {
		return account
	}
	first := []rune(word[0])
	return string(unicode.ToUpper(first[0])) + string(first[1:])
}
