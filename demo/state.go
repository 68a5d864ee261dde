package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// state is what a demo remembers from one start to the next: demo.json.
type state struct {
	IMAP string               `json:"imap"`
	SMTP string               `json:"smtp"`
	Made map[string]time.Time `json:"made"` // when each sample's invitation was made, written before it is sent
	Done map[string]bool      `json:"done"` // the steps that are over

	path string
}

// readState reads the file; one that is missing is a first start. A broken one
// is a fault: going on would send every sample again.
func readState(path string) (*state, error) {
	s := &state{path: path, Made: map[string]time.Time{}, Done: map[string]bool{}}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, s); err != nil || s.Made == nil || s.Done == nil {
		return nil, fmt.Errorf("%s can't be read; remove the demo's folder to begin anew: %v", path, err)
	}
	return s, nil
}

func (s *state) save() error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return replace(s.path, append(b, '\n'))
}
