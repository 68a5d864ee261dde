package invitation

// Seams for tests of what has published check values.
var (
	DeriveKey = deriveKey
	Open      = open
)
