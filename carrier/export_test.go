package carrier

// Seams for fuzzing what lies between the bytes and their meaning.
var (
	BaseName = baseName
	TNEF     = tnefFiles
)

// ReadParams takes a field's value apart, as the walk over a mail does.
func ReadParams(v string) map[string]string {
	_, p := readParams(v)
	return p
}

// TNEFFile is one attachment of a winmail.dat.
type TNEFFile = tnefFile

// Data is what the attachment holds, and Name what it is called.
func (f tnefFile) Data() []byte { return f.data }

// Name is the attachment's name.
func (f tnefFile) Name() string { return f.name() }

// Object is the mail that is the attachment, as it came.
func (f tnefFile) Object() []byte { return f.object }

// UU finds the first uuencoded file in a text and decodes at most limit bytes.
func UU(text []byte, limit int) (name string, body []byte, ok bool) {
	f, ok := cutUU(text)
	if !ok {
		return "", nil, false
	}
	return f.name, f.decode(limit), true
}

// What finds written passwords, and what looks first whether it could.
var (
	Generated, Announced, Said = generated, announced, said
	MayGenerate, MayAnnounce   = mayGenerate, mayAnnounce
	WordsOf                    = wordsOf
)
