package config

import (
	"errors"
	"time"
)

// Share is one [[share]]: a folder that invitations are dropped into.
type Share struct {
	Name     string
	Path     string // a folder, local or mounted; or else
	Server   Server // one that is read over SMB
	Password Secret // on the server
	Poll     Schedule
	Settle   time.Duration // unchanged this long before it is read
	GiveUp   time.Duration // unchanged and damaged this long: refused
	Mode     string        // "take" or "read"
	User     string        // who dropped it: "auto", "owner", "folder" or "file"
	Receipts bool
}

func readShare(t *table) Share {
	s := Share{
		Name:     read(t, "name", "", sourceName),
		Path:     t.text("path", "", notEmpty, path),
		Server:   read(t, "url", "", shareURL),
		Password: t.secret("password"),
		Poll:     read(t, "poll", "@every 5s", ParseSchedule),
		Settle:   read(t, "settle", "2s", within(0, day)),
		GiveUp:   read(t, "give_up", "2m", within(0, longest)),
		Mode:     t.text("mode", "take", oneOf("take", "read")),
		User:     t.text("user", "auto", oneOf("auto", "owner", "folder", "file")),
		Receipts: t.flag("receipts", true),
	}
	if t.lacks("name") {
		t.wrong("name", `missing; write a short name, for instance name = "support"`)
	}
	switch {
	case !t.lacks("path") && !t.lacks("url"):
		t.wrong("url", "stands beside path; write one of the two")
	case t.lacks("path") && t.lacks("url"):
		t.wrong("path", `missing; write the folder to watch, for instance path = "/srv/support"`)
	}
	s.password(t)
	if s.GiveUp < s.Settle {
		t.wrong("give_up", "is shorter than settle; write a longer time")
	}
	return s
}

// password notes a server's share without one, and a folder with one.
func (s Share) password(t *table) {
	switch none := t.lacks("password_file") && t.lacks("password_env"); {
	case none && s.Server.Host != "" && t.lacks("path"):
		t.wrong("password_file", "missing; write the file that holds the user's password, or password_env with the name of a variable")
	case !t.lacks("password_file") && t.lacks("url"):
		t.wrong("password_file", "is for a share with url; take the line out")
	case !t.lacks("password_env") && t.lacks("url"):
		t.wrong("password_env", "is for a share with url; take the line out")
	}
}

// path passes the name of a file or folder.
func path(text string) error {
	if len(text) > 4096 || oneLine(text) != text {
		return errors.New("is no path; write a name without control characters")
	}
	return nil
}
