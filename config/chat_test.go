package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestChats(t *testing.T) {
	t.Parallel()
	env := func(name string) (string, bool) {
		return map[string]string{"T": "one\ntwo\n", "S": "geheim"}[name], name != "GONE"
	}
	c, err := Parse("x", "[[chat]]\nname = 'mattermost'\ntoken_env = 'T'\n[chat.people]\nu1 = 'ada'\n\"u 2\" = 'grace'\n[[chat]]\nname = 'slack'\nsigning_secret_env = 'S'\n", env)
	if err != nil || len(c.Chats) != 2 || fmt.Sprint(c.Chats[0].AllTokens()) != "[one two]" || c.Chats[0].People["u 2"] != "grace" || c.Chats[1].Signing.Reveal() != "geheim" || len(c.Chats[1].People) != 0 {
		t.Errorf("%+v, %v", c.Chats, err)
	}
	if shown := fmt.Sprintf("%+v", c.Chats); strings.Contains(shown, "geheim") || strings.Contains(shown, "two") {
		t.Errorf("shows a secret: %s", shown)
	}
	for text, want := range map[string]string{
		"[[chat]]\ntoken_env='T'":                                              `x:1: chat.name: missing`,
		"[[chat]]\nname='a b'\ntoken_env='T'":                                  `x:2: chat.name: "a b" is no name`,
		"[[chat]]\nname='a'":                                                   `x:1: chat: has nothing to know`,
		"[[chat]]\nname='a'\ntoken_env='T'\nsigning_secret_env='S'":            `x:1: chat.token_file: stands beside`,
		"[[chat]]\nname='a'\ntoken_env='T'\n[chat.people]\nu1=3":               `x:5: chat.people.u1: is a number`,
		"[[chat]]\nname='a'\ntoken_env='T'\n[[chat]]\nname='A'\ntoken_env='T'": `x:5: chat.name: "A" is no name`,
		"[[chat]]\nname='a'\ntoken_env='T'\n[[chat]]\nname='a'\ntoken_env='T'": `x:5: chat.name: "a" is the name of another`,
		"[[chat]]\nname='a'\ntoken_env='T'\nchannels=['x']":                    `x:4: chat.channels: unknown key`,
		"[[chat]]\nname='a'\nsigning_secret_env='GONE'":                        `x:3: chat.signing_secret_env: the environment variable GONE is not set`,
	} {
		if _, err := Parse("x", text, env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
