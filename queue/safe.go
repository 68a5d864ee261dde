package queue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"inviter/database"
)

// Safe keeps secrets that sources were given on the way, each in a file of its
// own in the data folder, under the key file's key.
type Safe struct {
	db   *database.DB
	dir  string
	seal *seal
}

// Safe is the one in a data folder.
func (q *Queue) Safe(dir string) *Safe { return &Safe{db: q.db, dir: dir, seal: q.seal} }

// safeRetry is how soon to look again whether another program is done.
const safeRetry = 50 * time.Millisecond

// Change replaces the secret called name by what change makes of it ("" is
// none), for one caller at a time, in whatever program. The new one is on the
// disk when Change returns nil. After a crash at any moment it is either the
// old one or the new one.
func (s *Safe) Change(ctx context.Context, name string, change func(was string) (string, error)) error {
	release, err := s.hold(ctx, name)
	if err != nil {
		return err
	}
	defer release()
	was, err := s.read(name)
	if err != nil {
		return err
	}
	now, err := change(was)
	if err != nil || now == was {
		return err
	}
	return s.write(name, now)
}

func (s *Safe) hold(ctx context.Context, name string) (release func(), err error) {
	for {
		_, release, err = s.db.Hold(ctx, "secret "+name)
		if err == nil || !errors.Is(err, database.ErrHeld) {
			return release, err
		}
		select {
		case <-time.After(safeRetry):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *Safe) file(name string) string {
	return filepath.Join(s.dir, url.QueryEscape(name)+".secret")
}

func (s *Safe) read(name string) (string, error) {
	sealed, err := os.ReadFile(s.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	plain, err := s.seal.outer.Open(nil, nil, sealed, boundSecret(name))
	if err != nil {
		return "", fmt.Errorf("%s was changed, or is under another key; take it away to begin anew with what is configured", s.file(name))
	}
	return string(plain), nil
}

func (s *Safe) write(name, secret string) error {
	tmp, err := os.CreateTemp(s.dir, ".inviter-secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(s.seal.outer.Seal(nil, nil, []byte(secret), boundSecret(name)))
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), s.file(name)); err != nil {
		return err
	}
	return syncFolder(s.dir)
}

// boundSecret is the additional data: a file renamed to another's doesn't open.
func boundSecret(name string) []byte { return []byte("inviter secret " + name) }
