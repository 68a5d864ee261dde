package demo

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"time"
)

// play lets the samples arrive that haven't yet, with their pauses. After an
// interruption the rest comes as if there had been none.
func (d *Demo) play(ctx context.Context) {
	people := map[string]person{}
	for _, p := range cast() {
		people[p.id] = p
	}
	var at time.Duration // in the play
	for _, s := range steps() {
		if d.state.Done[s.name()] {
			at = s.after
			continue
		}
		if !d.pause(ctx, s.after-at) {
			return
		}
		at = s.after
		if err := d.perform(ctx, s, people[s.who]); err != nil {
			if ctx.Err() == nil {
				d.o.Log.Error("sample not sent", "sample", s.name(), "error", err)
			}
			return // a next start goes on here
		}
	}
}

// pause waits; false means that ctx ended.
func (d *Demo) pause(ctx context.Context, t time.Duration) bool {
	if t <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-d.o.After(t):
		return true
	case <-ctx.Done():
		return false
	}
}

func (s step) name() string {
	if s.share {
		return s.who + " by file"
	}
	return s.who + " by mail"
}

// perform lets one sample arrive. When its invitation was made is written down
// first: if we are interrupted before the end is, the same invitation comes
// again, which the queue knows already.
func (d *Demo) perform(ctx context.Context, s step, p person) error {
	made, known := d.state.Made[p.id]
	if !known {
		made = d.o.Now().Truncate(time.Second)
		d.state.Made[p.id] = made
		if err := d.state.save(); err != nil {
			return err
		}
	}
	send := d.mail
	if s.share {
		send = d.drop
	}
	if err := send(ctx, p, made); err != nil {
		return err
	}
	d.state.Done[s.name()] = true
	return d.state.save()
}

// drop puts the person's file into the share, complete from the first moment.
func (d *Demo) drop(_ context.Context, p person, made time.Time) error {
	dir := filepath.Join(d.Share, p.folder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return replace(filepath.Join(dir, p.file), p.invitation(made))
}

// handOver bounds the talk with our own mail server.
const handOver = 30 * time.Second

// mail hands the person's mail in by SMTP, as a mail program does.
func (d *Demo) mail(ctx context.Context, p person, made time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, handOver)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.SMTP)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	c, err := smtp.NewClient(conn, "localhost")
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Mail(p.mail.Address); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	if err := c.Rcpt(Alias); err != nil {
		return fmt.Errorf("recipient: %w", err)
	}
	w, err := c.Data()
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	if _, err := bytes.NewReader(p.letter(made)).WriteTo(w); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	_ = c.Quit() // it was taken; how the talk ends doesn't matter
	return nil
}
