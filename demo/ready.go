package demo

import (
	"context"
	"path/filepath"
	"strings"
	"time"
)

// freshness is how often the samples that lie ready are made anew, so that
// whoever sends one sends a valid invitation, and a new one after a while.
const freshness = 5 * time.Minute

// Instruction is one thing the reader may do by hand.
type Instruction struct {
	What    string // "mail an invitation"
	Command string // a line for a shell, ready to be pasted
}

// Instructions are lines to send invitations by hand. Each sends one that is
// valid now; sent again within a few minutes it is the same one, which the
// queue knows.
func (d *Demo) Instructions() []Instruction {
	var all []Instruction
	for _, p := range volunteers() {
		file := d.ready(p)
		if p.mail.Address == "" {
			all = append(all, Instruction{"drop an invitation into the share",
				"cp " + quote(file) + " " + quote(d.Share+string(filepath.Separator))})
			continue
		}
		all = append(all, Instruction{"mail an invitation",
			"curl --silent --show-error --url " + quote("smtp://"+d.SMTP) + " --mail-from " + quote(p.mail.Address) +
				" --mail-rcpt " + quote(Alias) + " --upload-file " + quote(file)})
	}
	return all
}

// ready is where a volunteer's sample lies.
func (d *Demo) ready(p person) string {
	if p.mail.Address == "" {
		return filepath.Join(d.Ready, p.file)
	}
	return filepath.Join(d.Ready, p.id+".eml")
}

// refresh makes the samples that lie ready anew.
func (d *Demo) refresh() error {
	now := d.o.Now().Truncate(time.Second)
	for _, p := range volunteers() {
		content := p.invitation(now)
		if p.mail.Address != "" {
			content = p.letter(now)
		}
		if err := replace(d.ready(p), content); err != nil {
			return err
		}
	}
	return nil
}

func (d *Demo) keepFresh(ctx context.Context) {
	for d.pause(ctx, freshness) {
		if err := d.refresh(); err != nil {
			d.o.Log.Error("samples not refreshed", "error", err)
		}
	}
}

// quote is a word as a POSIX shell reads it back, bare where that is safe.
func quote(word string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-"
	if word != "" && strings.Trim(word, safe) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
