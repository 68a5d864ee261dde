package config

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// secret reads NAME_file or NAME_env, whichever is set.
func (t *table) secret(name string) Secret {
	file, env := name+"_file", name+"_env"
	if !t.lacks(file) && !t.lacks(env) {
		t.wrong(env, "stands beside "+file+"; write one of the two")
	}
	secret := read(t, file, "", secretFile)
	fromEnv := read(t, env, "", t.file.secretEnv)
	if secret.Empty() {
		return fromEnv
	}
	return secret
}

// maxSecret bounds a file with a secret, in bytes.
const maxSecret = 64 << 10

// secretFile reads a secret; the line end after it doesn't count.
func secretFile(name string) (Secret, error) {
	if name == "" {
		return Secret{}, nil
	}
	text, err := readFile(name, maxSecret)
	if err != nil {
		return Secret{}, err
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if value == "" {
		return Secret{}, fmt.Errorf("%s is empty; write the secret into it", name)
	}
	return Secret{value: value, file: name}, nil
}

func (f *file) secretEnv(name string) (Secret, error) {
	if name == "" {
		return Secret{}, nil
	}
	value, set := f.env(name)
	if !set || value == "" {
		return Secret{}, fmt.Errorf("the environment variable %s is not set; set it before the start", name)
	}
	return Secret{value: value}, nil
}

// there passes a file that can be read.
func (f *file) there(name string) error {
	_, err := readFile(name, 1<<20)
	return err
}

// certificates passes a PEM file with at least one certificate.
func (f *file) certificates(name string) error {
	pem, err := readFile(name, 1<<20)
	if err != nil {
		return err
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s holds no certificate; write a file in PEM form", name)
	}
	return nil
}

// readFile reads a regular file of at most most bytes: a pipe or a device would
// hold the start up for ever.
func readFile(name string, most int64) ([]byte, error) {
	stat, err := os.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%s is not there; make it, or name the right file", name)
	case err != nil:
		return nil, fmt.Errorf("%s can't be read (%w); name the right file", name, bare(err))
	case !stat.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file; name the right file", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s can't be read (%w); let the account that runs inviter read it", name, bare(err))
	}
	defer file.Close()
	var text bytes.Buffer
	n, err := text.ReadFrom(io.LimitReader(file, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s can't be read (%w)", name, bare(err))
	case n > most:
		return nil, fmt.Errorf("%s has more than %d bytes; name the right file", name, most)
	}
	return text.Bytes(), nil
}

// bare is the reason alone, without the path that the message already has.
func bare(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// timeZone reads "Local", "UTC" or a name like "Europe/Berlin".
func timeZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" {
		return nil, fmt.Errorf(`%q is no time zone; write "Local", "UTC" or for instance "Europe/Berlin"`, name)
	}
	return zone, nil
}

// ReadSecret reads a secret from a file that a command names.
func ReadSecret(file string) (Secret, error) {
	if file == "" {
		return Secret{}, errors.New("no file is named")
	}
	return secretFile(file)
}
