package share_test

import (
	"os"
	"testing"

	"inviter/invitation/sample"
	"inviter/share"
	"inviter/ticket"
)

// readable is an invitation whose addresses can be read without a password.
func readable(user, host string, seed int64) []byte {
	return sample.Invitation{User: user, Endpoints: []string{"10.0.0.9:3389", host + ":3389"}, Seed: seed}.RA1()
}

func TestWhoDroppedIt(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	const nobodyKnows = 54321
	hidden := invite(1)
	tests := []struct {
		name, by, file string
		owner          int
		content        []byte
		want           ticket.User
	}{
		{"auto: folder first", share.ByAny, "jane/x/a", nobodyKnows, hidden, ticket.User{Key: "share:support:folder:jane", Name: "jane"}},
		{"auto: then owner", share.ByAny, "a", nobodyKnows, hidden, ticket.User{Key: "share:support:owner:54321", Name: "54321"}},
		{"auto: root does not tell", share.ByAny, "a", 0, readable("Jane", "PC7", 1), ticket.User{Key: "share:support:file:jane@pc7", Name: "Jane"}},
		{"auto: nobody", share.ByAny, "a", 0, hidden, ticket.User{Name: "Jane Doe"}},
		{"owner", share.ByOwner, "jane/a", 0, hidden, ticket.User{Key: "share:support:owner:0", Name: "root"}},
		{"folder", share.ByFolder, "jane/a", 0, hidden, ticket.User{Key: "share:support:folder:jane", Name: "jane"}},
		{"folder, but in none", share.ByFolder, "a", nobodyKnows, hidden, ticket.User{}},
		{"file", share.ByFile, "jane/a", nobodyKnows, readable("Jane", "PC7", 1), ticket.User{Key: "share:support:file:jane@pc7", Name: "Jane"}},
		{"file, address only", share.ByFile, "a", 0, readable("Jane", "10.0.0.7", 1), ticket.User{Key: "share:support:file:jane@10.0.0.9", Name: "Jane"}},
		{"file, hidden computer", share.ByFile, "jane/a", nobodyKnows, hidden, ticket.User{Name: "Jane Doe"}},
		{"folder of a hostile name", share.ByAny, "ja\u202ene\n/a", 0, hidden, ticket.User{Key: "share:support:folder:ja%E2%80%AEne%0A", Name: "jane"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(o *share.Options) { o.Settle, o.User = 0, tt.by })
			b.write(t, tt.file, tt.content)
			must(t, os.Chown(b.path(tt.file), tt.owner, -1))
			b.scan(t)
			d := b.ledger.Deliveries()
			if len(d) != 1 || d[0].From != tt.want {
				t.Errorf("from %+v, want %+v", d, tt.want)
			}
		})
	}
}

// On a mounted share all files seem to belong to whom the mount names.
func TestOwnersOfAMountTellNobody(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	b := newBench(t, func(o *share.Options) { o.Settle = 0 })
	b.Remote = true
	for i, name := range []string{"a", "b"} {
		b.write(t, name, invite(i))
		must(t, os.Chown(b.path(name), 1000, -1))
	}
	b.scan(t)
	for _, d := range b.ledger.Deliveries() {
		if d.From.Key != "" {
			t.Errorf("from %+v, want nobody", d.From)
		}
	}
	if m := b.Mode(); m != "polling (cifs)" {
		t.Errorf("mode %q", m)
	}
}
