package mailbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// kept is what is kept of a refresh token that the token server has replaced.
type kept struct {
	// First tells which configured token it came from. Once the configuration
	// has another one, that one counts.
	First string `json:"first"`
	Token string `json:"token"`
}

// ErrUntried marks a refresh token that was left alone because no successor
// of it could be kept.
var ErrUntried = errors.New("not tried")

// fetch gets a new access token.
func (t *Tokens) fetch(ctx context.Context) (granted, error) {
	secret, err := reveal(t.grant.Secret, "client_secret_file")
	if err != nil {
		return granted{}, err
	}
	first, err := reveal(t.grant.Refresh, "refresh_token_file")
	if err != nil {
		return granted{}, err
	}
	ask := url.Values{"client_id": {t.grant.Client}}
	if secret != "" {
		ask.Set("client_secret", secret)
	}
	if len(t.grant.Scopes) > 0 {
		ask.Set("scope", strings.Join(t.grant.Scopes, " "))
	}
	if first == "" {
		ask.Set("grant_type", "client_credentials")
		return t.ask(ctx, ask)
	}
	return t.refresh(ctx, ask, first)
}

// refresh uses the newest refresh token there is. Its successor, if the token
// server names one, is on the disk before anything else happens; only one
// program at a time does this, for servers revoke everything when a token that
// was replaced is used again.
func (t *Tokens) refresh(ctx context.Context, ask url.Values, first string) (got granted, err error) {
	if t.grant.Keep == nil {
		return granted{}, &Trouble{Kind: Setting, Err: ErrUntried,
			What: "the refresh token is not tried before the first start: there is no place yet to keep its successor"}
	}
	ask.Set("grant_type", "refresh_token")
	sum := sha256.Sum256([]byte(first))
	of := hex.EncodeToString(sum[:])
	err = t.grant.Keep(ctx, func(was string) (string, error) {
		k := kept{First: of, Token: first}
		var old kept
		if json.Unmarshal([]byte(was), &old) == nil && old.First == of && old.Token != "" {
			k = old
		}
		ask.Set("refresh_token", k.Token)
		if got, err = t.ask(ctx, ask); err != nil || got.refresh == "" || got.refresh == k.Token {
			return was, err
		}
		k.Token = got.refresh
		b, err := json.Marshal(k)
		return string(b), err
	})
	var known *Trouble
	if err != nil && !errors.As(err, &known) && ctx.Err() == nil {
		err = &Trouble{Kind: Setting, Err: err, What: "the refresh token can't be kept: " + oneLine(err.Error()),
			Do: "check the data folder and its disk"}
	}
	return got, err
}

func reveal(secret func() (string, error), key string) (string, error) {
	if secret == nil {
		return "", nil
	}
	s, err := secret()
	if err != nil {
		return "", &Trouble{Kind: Setting, Err: err, What: fmt.Sprintf("%s can't be read: %s", key, oneLine(err.Error()))}
	}
	return s, nil
}
