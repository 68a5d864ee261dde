package program

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version is the command that says which program this is.
type Version struct {
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Release is the version that is being worked on.
const Release = "0.1.0"

// Run prints name, version, commit and Go's version.
func (v Version) Run(w *World) error {
	commit := "unknown"
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, s := range build.Settings {
			if s.Key == "vcs.revision" {
				commit = s.Value
			}
		}
	}
	if v.JSON {
		return json.NewEncoder(w.Out).Encode(struct {
			Name    string `json:"name"`
			Version string `json:"version"`
			Commit  string `json:"commit"`
			Go      string `json:"go"`
		}{w.Name, Release, commit, runtime.Version()})
	}
	_, err := fmt.Fprintf(w.Out, "%s %s (commit %s, %s)\n", w.Name, Release, commit, runtime.Version())
	return err
}
