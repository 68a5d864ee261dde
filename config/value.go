package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// longest bounds every length of time: a thousand years is a typing mistake.
const longest = 100 * 365 * 24 * time.Hour

const day = 24 * time.Hour

// duration reads "90s", "1h30m" and, with days of 24 hours, "365d" or "1d12h".
func duration(text string) (time.Duration, error) {
	bad := fmt.Errorf(`%q is no length of time; write for instance "30s", "5m", "6h" or "365d"`, text)
	days, rest, found := strings.Cut(text, "d")
	if !found {
		days, rest = "0", text
	}
	n, err := strconv.ParseUint(days, 10, 31)
	if err != nil {
		return 0, bad
	}
	var d time.Duration
	if !found || rest != "" {
		if d, err = time.ParseDuration(rest); err != nil || found && d < 0 {
			return 0, bad
		}
	}
	if n > uint64(longest/day) || d > longest {
		return 0, fmt.Errorf(`%q is too long; write at most "36500d"`, text)
	}
	return time.Duration(n)*day + d, nil
}

// within reads a duration between two bounds, both allowed.
func within(least, most time.Duration) func(string) (time.Duration, error) {
	return func(text string) (time.Duration, error) {
		d, err := duration(text)
		switch {
		case err != nil:
			return 0, err
		case d < least:
			return 0, fmt.Errorf("%q is too short; write at least %q", text, least.String())
		case d > most:
			return 0, fmt.Errorf("%q is too long; write at most %q", text, most.String())
		}
		return d, nil
	}
}

// size reads "64KB", "5MB" or a bare number of bytes; a KB has 1,024 of them.
func size(text string) (int, error) {
	units := []struct {
		name  string
		bytes int64
	}{{"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"B", 1}, {"", 1}}
	for _, unit := range units {
		digits, found := strings.CutSuffix(strings.ToUpper(text), unit.name)
		n, err := strconv.ParseUint(strings.TrimSpace(digits), 10, 31)
		if found && err == nil && int64(n) <= math.MaxInt32/unit.bytes {
			return int(int64(n) * unit.bytes), nil
		}
	}
	return 0, fmt.Errorf(`%q is no size; write for instance "64KB" or "5MB"`, text)
}

// upTo reads a size from 1 byte to most.
func upTo(most string) func(string) (int, error) {
	return func(text string) (int, error) {
		n, err := size(text)
		if err != nil {
			return 0, err
		}
		if limit, _ := size(most); n < 1 || n > limit {
			return 0, fmt.Errorf("%q is out of bounds; limits only go down: write at most %q", text, most)
		}
		return n, nil
	}
}

// oneOf passes a text that is one of a few.
func oneOf(choices ...string) func(string) error {
	return func(text string) error {
		for _, choice := range choices {
			if text == choice {
				return nil
			}
		}
		return fmt.Errorf("%q is not known; write one of: %s", text, strings.Join(choices, ", "))
	}
}

// line passes a text of one line and at most 200 bytes.
func line(text string) error {
	if len(text) > 200 || oneLine(text) != text {
		return errors.New("is too long or holds control characters; write one line of at most 200 bytes")
	}
	return nil
}

// notEmpty passes any text but the empty one.
func notEmpty(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("is empty; write a value or take the line out")
	}
	return nil
}

// sourceName reads the name of a source: it stands in addresses, logs and file names.
func sourceName(text string) (string, error) {
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`).MatchString(text) {
		return "", fmt.Errorf("%q can't be a name; write up to 64 letters, digits, dots, hyphens and underscores", text)
	}
	return text, nil
}

// listenAddress passes "HOST:PORT"; no host means every address, port 0 any free one.
func listenAddress(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf(`%q is no address to listen at; write "HOST:PORT", for instance "127.0.0.1:8080"`, text)
	}
	return nil
}

// webURL passes an http or https address without user, query or fragment.
func webURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return fmt.Errorf(`%q is no web address; write for instance "https://help.example.org"`, redact(text))
	}
	return nil
}

// network reads "10.0.0.0/8", "fd00::/8" or a single address.
func network(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil || prefix != prefix.Masked() {
		return netip.Prefix{}, fmt.Errorf(`%q is no network; write for instance "10.0.0.0/8"`, text)
	}
	return prefix, nil
}

// redact takes what could be a password out of an address before it is shown.
func redact(address string) string {
	scheme, rest, found := strings.Cut(address, "://")
	if !found {
		return address
	}
	at := strings.LastIndex(rest, "@")
	user, _, secret := strings.Cut(rest[:max(at, 0)], ":")
	if !secret {
		return address
	}
	return scheme + "://" + user + ":…" + rest[at:]
}
