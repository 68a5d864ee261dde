package config

import (
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Share is one [[share]]: a folder that invitations are dropped into.
type Share struct {
	Name     string
	Path     string // a folder, local or mounted; or else
	URL      string // "smb://USER@HOST/SHARE/FOLDER"
	Password Secret
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
		URL:      t.text("url", "", smbURL),
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
	if s.GiveUp < s.Settle {
		t.wrong("give_up", "is shorter than settle; write a longer time")
	}
	return s
}

// path passes the name of a file or folder.
func path(text string) error {
	if len(text) > 4096 || oneLine(text) != text {
		return errors.New("is no path; write a name without control characters")
	}
	return nil
}

// smbURL passes "smb://USER@HOST/SHARE/FOLDER".
func smbURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smb" || u.Hostname() == "" || len(u.Path) < 2 || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf(`%q is no address of a share; write for instance "smb://user@fileserver/support/invitations"`, redact(text))
	}
	if _, secret := u.User.Password(); secret {
		return errors.New("holds a password; write that into a file of its own and name it in password_file")
	}
	return nil
}
