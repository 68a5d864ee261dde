package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Chat is one [[chat]]: a chat system whose slash commands are answered.
type Chat struct {
	Name    string // its commands are sent to web.public_url + "/chat/" + Name
	Tokens  Secret // Mattermost's tokens, one a line; or
	Signing Secret // Slack's signing secret
	People  map[string]string
}

// readChat reads a chat system. Either way of proving itself is needed, and one
// is enough.
func readChat(t *table) Chat {
	c := Chat{
		Name:    t.text("name", "", optional(chatName)),
		Tokens:  t.secret("token"),
		Signing: t.secret("signing_secret"),
		People:  map[string]string{},
	}
	if c.Name == "" && t.lacks("name") {
		t.wrong("name", `missing; write for instance name = "slack": its commands are sent to public_url + /chat/slack`)
	}
	switch {
	case !t.lacks("token_file") || !t.lacks("token_env"):
		if !t.lacks("signing_secret_file") || !t.lacks("signing_secret_env") {
			t.wrong("token_file", "stands beside signing_secret; write the one that the chat system uses")
		}
	case t.lacks("signing_secret_file") && t.lacks("signing_secret_env"):
		t.wrong("", `has nothing to know the chat system by; write token_file (Mattermost) or signing_secret_file (Slack)`)
	}
	t.sub("people", func(t *table) {
		for _, id := range slices.Sorted(maps.Keys(t.tree)) {
			c.People[id] = t.text(id, "", notEmpty, line)
		}
	})
	return c
}

// AllTokens are those that a chat system may come with.
func (c Chat) AllTokens() []string { return strings.Fields(c.Tokens.Reveal()) }

func chatName(text string) error {
	if !regexp.MustCompile(`^[a-z0-9-]{1,40}$`).MatchString(text) {
		return fmt.Errorf("%q is no name for an address; write small letters, digits and hyphens", text)
	}
	return nil
}
