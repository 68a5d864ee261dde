package program

import (
	"log/slog"
)

// Log is the log of a command that runs until it is ended: to standard error,
// in the format asked for, times in UTC where a machine reads them.
func (l Logging) Log(w *World) *slog.Logger {
	if l.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w.Err, &slog.HandlerOptions{ReplaceAttr: utc}))
	}
	return slog.New(slog.NewTextHandler(w.Err, nil))
}

func utc(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}
