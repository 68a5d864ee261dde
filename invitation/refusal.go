package invitation

// Code names a reason why something that was handed in can't be used.
type Code string

// Refusals of intake: of the file itself, and of the carrier around it.
const (
	NotAnInvitation  Code = "not-an-invitation"
	Damaged          Code = "damaged"
	ForbiddenXML     Code = "forbidden-xml"
	Contradictory    Code = "contradictory"
	NoTicket         Code = "no-ticket"
	BadAddress       Code = "bad-address"
	BadTime          Code = "bad-time"
	NoLifetime       Code = "no-lifetime"
	TooLarge         Code = "too-large"
	EncryptedArchive Code = "encrypted-archive"
	TooDeep          Code = "too-deep"
	TooMany          Code = "too-many"
)

// Refusal is an expected no: the input is at fault, not we. Detail is for
// people and never holds the input's secrets.
type Refusal struct {
	Code   Code
	Detail string
}

// Error is the code with its detail.
func (r *Refusal) Error() string {
	if r.Detail == "" {
		return string(r.Code)
	}
	return string(r.Code) + ": " + r.Detail
}
