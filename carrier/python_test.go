package carrier_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os/exec"
	"strings"
	"testing"

	"inviter/carrier"
	"inviter/invitation/sample"
)

// TestPythonAgrees has the same mails opened by another language's parser: the
// file and its name must be the ones that it finds.
func TestPythonAgrees(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("missing: python3")
	}
	const plain = "invite.msrcIncident"
	for _, name := range []string{plain, "Jörg Müller.msrcIncident", "a; b.msrcIncident", strings.Repeat("long ", 30) + ".msrcIncident"} {
		for _, e := range sample.Encodings() {
			if name != plain && e != sample.UTF16LE {
				continue
			}
			i := jane
			i.Encoding = e
			files := []sample.File{{Name: "shot.png", Type: "image/png", Body: []byte{0x89, 'P', 0}}, {Name: name, Body: i.RA2()}}
			mail := sample.Mail{From: "Jane <jane@example.org>", Subject: "Hilfe – bitte", Text: "Hallo", HTML: "<p>Hallo", Files: files}.Bytes()
			for how, raw := range map[string][]byte{"plain": mail, "forwarded": forwarded(1, mail)} {
				t.Run(how+" "+e.String()+" "+name, func(t *testing.T) {
					t.Parallel()
					c := carrier.Mail(raw, limits)
					if len(c.Found) != 1 {
						t.Fatalf("%+v", c)
					}
					sum := sha256.Sum256(c.Found[0].File)
					want := hex.EncodeToString(sum[:]) + " " + c.Found[0].Path[strings.LastIndex(c.Found[0].Path, "/")+1:]
					cmd := exec.Command(python, "testdata/read.py")
					cmd.Stdin = bytes.NewReader(raw)
					out, err := cmd.Output()
					if err != nil {
						t.Fatal(err)
					}
					if !strings.Contains(string(out), want+"\n") {
						t.Errorf("want %s in\n%s", want, out)
					}
				})
			}
		}
	}
}
