package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Server is where a share lies that is read over SMB.
type Server struct {
	Host   string // "" for a share that is a folder of this machine
	Port   string
	Domain string // of the user, "" where the server knows best
	User   string
	Share  string
	Folder string // below the share's root, "/" between its levels; "" for the root
}

// shareURL reads "smb://[DOMAIN;]USER@HOST[:PORT]/SHARE[/FOLDER…]".
func shareURL(text string) (Server, error) {
	const example = `write for instance "smb://user@fileserver/support/invitations"`
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smb" || u.Hostname() == "" || u.Opaque != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return Server{}, fmt.Errorf("%q is no address of a share; %s", redact(text), example)
	}
	if _, secret := u.User.Password(); secret {
		return Server{}, errors.New("holds a password; write that into a file of its own and name it in password_file")
	}
	s := Server{Host: u.Hostname(), Port: orDefault(u.Port(), "445")}
	s.Domain, s.User = domainUser(u.User.Username())
	s.Share, s.Folder, _ = strings.Cut(strings.Trim(u.Path, "/"), "/")
	switch {
	case s.User == "":
		return Server{}, fmt.Errorf("%q names no user; %s", text, example)
	case s.Share == "":
		return Server{}, fmt.Errorf("%q names no share; %s", text, example)
	case listenAddress(net.JoinHostPort(s.Host, s.Port)) != nil || s.Port == "0":
		return Server{}, fmt.Errorf("%q is no port; %s", s.Port, example)
	}
	if err := line(s.Domain + s.User); err != nil {
		return Server{}, fmt.Errorf("its user %w", err)
	}
	return s, onServer(s.Share, s.Folder)
}

// domainUser splits "DOMAIN;USER" and "DOMAIN\USER"; "USER@DOMAIN" is one name.
func domainUser(name string) (domain, user string) {
	for _, between := range []string{";", `\`} {
		if domain, user, found := strings.Cut(name, between); found {
			return domain, user
		}
	}
	return "", name
}

// onServer passes names that Windows allows for a share and the folders in it.
func onServer(share, folder string) error {
	parts := []string{share}
	if folder != "" {
		parts = append(parts, strings.Split(folder, "/")...)
	}
	for _, part := range parts {
		switch {
		case part == "" || part == "." || part == "..":
			return errors.New(`its folder has an empty part, "." or ".."; write the folder's plain path`)
		case !utf8.ValidString(part) || oneLine(part) != part || strings.ContainsAny(part, `\:*?"<>|`):
			return fmt.Errorf("%q can't be the name of a share or folder; write it with / between folders", part)
		case len(part) > 255:
			return errors.New("holds a name of over 255 bytes; write the folder's plain path")
		}
	}
	return nil
}
