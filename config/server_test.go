package config_test

import (
	"strings"
	"testing"

	"inviter/config"
)

func TestShareOnAServer(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]config.Server{
		"smb://user@fileserver/support":                        {Host: "fileserver", Port: "445", User: "user", Share: "support"},
		"smb://user@fileserver/support/":                       {Host: "fileserver", Port: "445", User: "user", Share: "support"},
		"smb://user@fileserver:14445/support/invitations":      {Host: "fileserver", Port: "14445", User: "user", Share: "support", Folder: "invitations"},
		"smb://HELP;user@fs/Support%20Desk/a/b%23c":            {Host: "fs", Port: "445", Domain: "HELP", User: "user", Share: "Support Desk", Folder: "a/b#c"},
		`smb://HELP%5Cuser@fs/s$`:                              {Host: "fs", Port: "445", Domain: "HELP", User: "user", Share: "s$"},
		"smb://user%40help.example.org@[::1]/s":                {Host: "::1", Port: "445", User: "user@help.example.org", Share: "s"},
		"smb://j%C3%BCrgen@fs/hilfe/%C3%BCber%20den%20z%C3%A4": {Host: "fs", Port: "445", User: "jürgen", Share: "hilfe", Folder: "über den zä"},
	} {
		c, err := config.Parse("x", "[[share]]\nname='a'\nurl='"+url+"'\npassword_env='MAIL_PASSWORD'", env)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if got := c.Shares[0]; got.Server != want || got.Password.Reveal() != "hunter2" {
			t.Errorf("%s is %+v", url, got.Server)
		}
	}
}

func TestMistakesInAShareOnAServer(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"url='smb://fileserver/support'":                            `x:3: share.url: "smb://fileserver/support" names no user`,
		"url='smb://u@fileserver'":                                  `x:3: share.url: "smb://u@fileserver" names no share`,
		"url='smb://u@fileserver/'":                                 `x:3: share.url: "smb://u@fileserver/" names no share`,
		"url='smb:///support'":                                      `x:3: share.url: "smb:///support" is no address of a share`,
		"url='smb:u@fileserver/support'":                            `x:3: share.url: "smb:u@fileserver/support" is no address`,
		"url='smb://u@fileserver:x/support'":                        `x:3: share.url: "smb://u@fileserver:x/support" is no address`,
		"url='smb://u@fileserver:70000/support'":                    `x:3: share.url: "70000" is no port`,
		"url='smb://u@fileserver/s?x=1'":                            `x:3: share.url: "smb://u@fileserver/s?x=1" is no address`,
		"url='smb://u@fileserver/s/../c$'":                          `x:3: share.url: its folder has an empty part, "." or ".."`,
		"url='smb://u@fileserver/s//b'":                             `x:3: share.url: its folder has an empty part`,
		"url='smb://u@fileserver/s/a%5Cb'":                          `x:3: share.url: "a\\b" can't be the name of a share or folder`,
		"url='smb://u@fileserver/s/a:b'":                            `x:3: share.url: "a:b" can't be the name`,
		"url='smb://u@fileserver/s%00'":                             `x:3: share.url: "s\x00" can't be the name`,
		"url='smb://u@fileserver/" + strings.Repeat("a", 256) + "'": `x:3: share.url: holds a name of over 255 bytes`,
		"url='smb://" + strings.Repeat("a", 256) + "@fileserver/a'": `x:3: share.url: its user is too long`,
		"url='smb://u@fileserver/s'":                                `x:1: share.password_file: missing`,
		"url='smb://u@fileserver/s'\npassword_env='NONE'":           `x:4: share.password_env: the environment variable NONE is not set`,
		"url='smb://u@fileserver/s'\npassword_file='/no/such/file'": `x:4: share.password_file: /no/such/file is not there`,
		"path='/srv'\npassword_env='MAIL_PASSWORD'":                 `x:4: share.password_env: is for a share with url`,
	} {
		_, err := config.Parse("x", "[[share]]\nname='a'\n"+lines, env)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q:\ngot  %v\nwant %s…", lines, err, want)
		}
	}
}

// A Windows network path is a path like any other.
func TestNetworkPath(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("x", "[[share]]\nname='a'\npath='\\\\fileserver\\support\\invitations'", env)
	if err != nil || c.Shares[0].Path != `\\fileserver\support\invitations` {
		t.Errorf("%+v, %v", c.Shares, err)
	}
}
