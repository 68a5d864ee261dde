package web_test

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// setCookie logs a tab in.
func setCookie(t testing.TB, tab context.Context, address, token string) {
	t.Helper()
	yes := true
	_, err := chromedp.Call(tab, network.SetCookie, network.SetCookieParams{Name: "inviter", Value: token, URL: address, HTTPOnly: &yes})
	check(t, err)
}
