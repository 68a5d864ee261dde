package queue

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"inviter/database"
)

// Why a queue doesn't start. Both say in their text what to do.
var (
	// ErrKeyMissing: the database has files under a key whose file is gone.
	ErrKeyMissing = errors.New("the key file is missing")
	// ErrKeyWrong: the key file is not the one the database's files are under.
	ErrKeyWrong = errors.New("the key file is not this database's")
)

// keyHead begins a key file. What follows is the key in base64.
const keyHead = "inviter-key-1 "

// openKey reads the key file, or makes it if the database has never had one,
// and checks that it is the database's own.
func openKey(ctx context.Context, db *database.DB, file string, log *slog.Logger) (*seal, error) {
	known, err := keyCheck(ctx, db)
	if err != nil {
		return nil, err
	}
	key, err := readKey(file, log)
	if errors.Is(err, fs.ErrNotExist) {
		if known != nil {
			return nil, fmt.Errorf("%w: %s: bring it back from where you keep its copy; "+
				"no other key opens the invitations in this database", ErrKeyMissing, file)
		}
		key, err = makeKey(file)
	}
	if err != nil {
		return nil, err
	}
	if err := adopt(ctx, db, key, file); err != nil {
		return nil, err
	}
	return newSeal(key)
}

// adopt notes which key is the database's at its first start, and refuses any
// other from then on.
func adopt(ctx context.Context, db *database.DB, key [keySize]byte, file string) error {
	ours := fingerprint(key)
	return db.Write(ctx, func(tx *database.Tx) error {
		var known []byte
		if err := tx.Row("SELECT key_check FROM meta WHERE one = 1").Scan(&known); err != nil {
			return fmt.Errorf("read key check: %w", err)
		}
		if known == nil {
			_, err := tx.Exec("UPDATE meta SET key_check = ? WHERE one = 1", ours)
			return err
		}
		if !hmac.Equal(known, ours) {
			return fmt.Errorf("%w: %s: bring back the one that was made with it", ErrKeyWrong, file)
		}
		return nil
	})
}

func keyCheck(ctx context.Context, db *database.DB) (known []byte, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row("SELECT key_check FROM meta WHERE one = 1").Scan(&known)
	})
	return known, err
}

// fingerprint tells keys apart and tells nothing about them.
func fingerprint(key [keySize]byte) []byte {
	return derive(key[:], "inviter key check")
}

func readKey(file string, log *slog.Logger) (key [keySize]byte, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return key, fmt.Errorf("key file: %w", err)
	}
	text, ok := strings.CutPrefix(strings.TrimSpace(string(b)), keyHead)
	raw, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(raw) != keySize {
		return key, fmt.Errorf("%w: %s is no key file", ErrKeyWrong, file)
	}
	copy(key[:], raw)
	if st, err := os.Stat(file); err == nil && st.Mode().Perm()&0o077 != 0 {
		log.Warn("key file readable by others", "file", file, "mode", st.Mode().Perm().String())
	}
	return key, nil
}

// makeKey makes the key file. Of two programs that start at once, one makes it
// and both use it: the name appears with the whole key behind it, or not at all.
func makeKey(file string) (key [keySize]byte, err error) {
	_, _ = rand.Read(key[:]) // never fails
	tmp, err := os.CreateTemp(filepath.Dir(file), ".inviter-key-*")
	if err != nil {
		return key, fmt.Errorf("make key file: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(keyHead + base64.StdEncoding.EncodeToString(key[:]) + "\n")
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return key, fmt.Errorf("make key file: %w", err)
	}
	err = os.Link(tmp.Name(), file)
	if errors.Is(err, fs.ErrExist) {
		return readKey(file, slog.New(slog.DiscardHandler))
	}
	if err != nil {
		return key, fmt.Errorf("make key file: %w", err)
	}
	return key, syncFolder(filepath.Dir(file))
}

// syncFolder makes a new name in a folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
