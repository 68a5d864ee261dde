package carrier

// uuFile is one uuencoded file.
type uuFile struct {
	name  string
	lines []byte
}

func cutUU(b []byte) (uuFile, bool)      { return uuFile{}, false }
func (f uuFile) decode(limit int) []byte { return nil }
