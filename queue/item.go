package queue

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"inviter/database"
	"inviter/ticket"
)

// How much of what was refused is kept. Where there is more, the oldest items
// go; their reasons stay.
const (
	mostItems     = 1000
	mostItemBytes = 64 << 20
)

func ofRefusal(id int64) owner { return owner("refusal " + strconv.FormatInt(id, 10)) }

// itemPlace is where half of the item's key lies beside the database.
func itemPlace(id int64) int64 { return database.AsideFar + id }

// itemHead is how a kept item came. It stands before the item, in one line.
type itemHead struct {
	Name     string      `json:"name"`
	From     ticket.User `json:"from"`
	Received int64       `json:"received"`
}

// keepItem stores what was refused, encrypted.
func (b *book) keepItem(id int64, d ticket.Delivery, s *seal) error {
	head, err := json.Marshal(itemHead{d.Raw.Name, d.From, ms(d.Received)})
	if err != nil {
		return err
	}
	p, err := s.close(ofRefusal(id), slices.Concat(head, []byte("\n"), d.Raw.Body))
	if err != nil {
		return err
	}
	if err := b.tx.PutAside(itemPlace(id), p.half); err != nil {
		return err
	}
	if _, err := b.tx.Exec("INSERT INTO refused_item (refusal, size, wrapped, body) VALUES (?, ?, ?, ?)",
		id, len(d.Raw.Body), p.wrapped, p.body); err != nil {
		return err
	}
	return b.thinItems()
}

// thinItems throws the oldest items away until the rest is within the bounds.
func (b *book) thinItems() error {
	for {
		var n, size, oldest int64
		err := b.tx.Row("SELECT count(*), COALESCE(sum(size), 0), COALESCE(min(refusal), 0) FROM refused_item").Scan(&n, &size, &oldest)
		if err != nil || n <= mostItems && size <= mostItemBytes || n == 1 {
			return err
		}
		if err := b.wipeItem(oldest); err != nil {
			return err
		}
	}
}

func (b *book) wipeItem(id int64) error {
	n, err := b.tx.Exec("DELETE FROM refused_item WHERE refusal = ?", id)
	if n > 0 {
		b.wiped = true
		b.tx.ClearAside(itemPlace(id))
	}
	return err
}

// dropRefusal takes a refusal away, with what was kept of it.
func (b *book) dropRefusal(id int64) error {
	if err := b.wipeItem(id); err != nil {
		return err
	}
	_, err := b.tx.Exec("DELETE FROM refusal WHERE id = ?", id)
	return err
}

// kept opens a refused item.
func (b *book) kept(id int64, s *seal) (k ticket.Kept, err error) {
	var p sealed
	err = b.tx.Row(`SELECT source, item, COALESCE(wrapped, ''), COALESCE(body, '') FROM refusal
		LEFT JOIN refused_item ON refusal = id WHERE id = ?`, id).Scan(&k.Source, &k.Item, &p.wrapped, &p.body)
	if errors.Is(err, sql.ErrNoRows) {
		return k, &ticket.Refusal{Code: ticket.CodeUnknown, Detail: "no such refusal; perhaps somebody was faster"}
	}
	if err != nil {
		return k, err
	}
	if len(p.wrapped) == 0 {
		return k, &ticket.Refusal{Code: ticket.CodeNotKept, Detail: "the item itself is not kept; ask for it to be sent once more"}
	}
	if p.half, err = b.tx.Aside(itemPlace(id)); err != nil {
		return k, err
	}
	plain, err := s.open(ofRefusal(id), p)
	if err != nil {
		return k, err
	}
	head, body, _ := bytes.Cut(plain, []byte("\n"))
	var h itemHead
	if err := json.Unmarshal(head, &h); err != nil {
		return k, fmt.Errorf("read kept item: %w", err)
	}
	k.ID, k.From, k.Received, k.Raw = id, h.From, at(h.Received), ticket.Raw{Name: h.Name, Body: body}
	return k, nil
}
