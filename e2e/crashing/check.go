//go:build linux

package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"inviter/database"
	"inviter/queue"
	"inviter/ticket"
)

// tables are what is compared, without what is random.
func tables() map[string]string {
	return map[string]string{
		"meta": "revision, tickets, events, closed, withdrawn, expired, superseded, refused", "ticket": "*", "claim": "*", "arrival": "*",
		"payload": "ticket", "status": "ticket", "ledger": "*", "position": "*", "refusal": "*", "source_state": "*", "purged": "*",
		"event": "seq, ticket, at, kind, person, claim, other, note", "log_start": "seq", "answer": "*", "clock": "*",
		"account": "name, role, created", "link": "id, owner, note, made_at, expires_at, computer, bound_at, asked_at, handed_at, closed_at, closed_by, ticket, once, print, revision",
	}
}

// digest is the same for the same content.
func digest(ctx context.Context, db *database.DB) (string, error) {
	var text strings.Builder
	err := db.Read(ctx, func(tx *database.Tx) error {
		for _, name := range slices.Sorted(maps.Keys(tables())) {
			fmt.Fprintln(&text, name)
			rows, err := tx.Query("SELECT " + tables()[name] + " FROM " + name)
			if err != nil {
				return err
			}
			lines, err := dump(rows)
			if err != nil {
				return err
			}
			fmt.Fprint(&text, strings.Join(lines, ""))
		}
		return nil
	})
	if os.Getenv("CRASHING_SHOW") != "" {
		fmt.Fprintln(os.Stderr, text.String())
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:8]), err
}

// dump is one line for each row, sorted.
func dump(rows *sql.Rows) (lines []string, err error) {
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		cells := make([]sql.RawBytes, len(columns))
		into := make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("%q\n", cells))
	}
	slices.Sort(lines)
	return lines, rows.Err()
}

// reference is what the database holds after each step if nothing happens; its
// first is before the first step.
func reference(ctx context.Context, steps []step) (out []string, err error) {
	dir, err := os.MkdirTemp("", "reference")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	d, err := open(ctx, dir, epoch())
	if err != nil {
		return nil, err
	}
	defer d.db.Close()
	note := func(int) {
		s, e := digest(ctx, d.db)
		out, err = append(out, s), errors.Join(err, e)
	}
	note(0)
	return out, errors.Join(d.play(ctx, steps, note), err)
}

// judge looks at what a crash left in dir, when the steps before number acked
// were acknowledged: each of them is stored, whole, and nothing but the next
// one besides. Then the script goes on to its end.
func judge(ctx context.Context, dir string, steps []step, want []string, acked int) error {
	at := acked
	if acked > 0 && steps[acked-1].loose {
		at-- // it may be gone on with, and a queue's time never goes back
	}
	d, err := open(ctx, dir, timeOf(steps, at))
	if err != nil {
		return err
	}
	defer d.db.Close()
	if err := sound(ctx, d); err != nil {
		return err
	}
	got, err := digest(ctx, d.db)
	if err != nil {
		return err
	}
	from := acked
	switch {
	case got == want[acked]:
	case acked < len(steps) && got == want[acked+1]:
		from++
	case acked > 0 && steps[acked-1].loose: // a part of it that failed is due again later
		from--
	case acked == len(steps):
		return errors.New("more or less is stored than was done")
	case !steps[acked].loose:
		return fmt.Errorf("after %d of %d steps: neither without nor with %q", acked, len(steps), steps[acked].name)
	}
	if err := d.files(ctx, dir); err != nil {
		return fmt.Errorf("after %d of %d steps: %w", acked, len(steps), err)
	}
	if err := d.goOn(ctx, steps, from); err != nil {
		return fmt.Errorf("going on from step %d: %w", from, err)
	}
	if err := d.comesTo(ctx, want[len(want)-1]); err != nil {
		return fmt.Errorf("going on from step %d: %w", from, err)
	}
	return sound(ctx, d)
}

// comesTo lets the clock act until the content is right: what failed of its
// work is due again at the next start, and shows in no row until it is done.
func (d *desk) comesTo(ctx context.Context, right string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hints, late := d.Notify(ctx), time.After(patience)
	if got, err := digest(ctx, d.db); err != nil || got == right {
		return err
	}
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	defer func() { cancel(); <-done }()
	for {
		got, err := digest(ctx, d.db)
		if err != nil || got == right {
			return err
		}
		select {
		case <-hints:
		case <-late:
			return errors.New("leads elsewhere")
		}
	}
}

func sound(ctx context.Context, d *desk) error {
	found, err := d.Verify(ctx)
	if err == nil && len(found) > 0 {
		err = errors.New(strings.Join(found, "; "))
	}
	return err
}

// goOn plays the steps from number from on, at their own times.
func (d *desk) goOn(ctx context.Context, steps []step, from int) error {
	rest := slices.Clone(steps)
	for i := range from {
		rest[i].do = func(context.Context, *desk) error { return nil }
	}
	return d.play(ctx, rest, func(int) {})
}

// files looks, in a copy, whether every holder gets his file, and who claims what waits.
func (d *desk) files(ctx context.Context, dir string) error {
	copied, err := os.MkdirTemp("", "copied")
	if err != nil {
		return err
	}
	defer os.RemoveAll(copied)
	if err := d.db.Backup(ctx, filepath.Join(copied, database.FileName)); err != nil {
		return err
	}
	for _, name := range []string{"inviter.key", database.AsideName} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(copied, name), b, 0o600)
		}
		if err != nil {
			return err
		}
	}
	other, err := open(ctx, copied, d.clock())
	if err != nil {
		return err
	}
	defer other.db.Close()
	return other.fetchAll(ctx)
}

func (d *desk) fetchAll(ctx context.Context) error {
	page, err := d.List(ctx, queue.Filter{States: []ticket.State{ticket.Waiting, ticket.Claimed}})
	for _, t := range page.Tickets {
		e := error(nil)
		if t.Claim == nil {
			by := lena
			if t.Reserved != nil {
				by.Name = t.Reserved.Holder
			}
			t, e = d.Claim(ctx, t.ID, by)
		}
		var file []byte
		if e == nil {
			holder := ticket.Technician{Name: t.Claim.Holder, Role: ticket.RoleTechnician}
			file, e = d.File(ctx, t.ID, holder, t.Claim.Number, "")
		}
		if e == nil && string(file) != string(invite(int(t.ID)).File) {
			e = errors.New("another file")
		}
		if e != nil && d.clock().Before(t.Expires) {
			err = errors.Join(err, fmt.Errorf("ticket %d's file: %w", t.ID, e))
		}
	}
	return err
}
