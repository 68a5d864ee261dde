package ratio

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Unit is how a quantity is written, and whether less of it is better.
type Unit int

// Units. All but rates are better the less there is.
const (
	Time  Unit = iota // in nanoseconds, as a time.Duration
	Rate              // a second; more is better
	Bytes             // of memory, or over a line
	Count
)

func (u Unit) text(v float64) string {
	switch {
	case u == Time:
		return Round(time.Duration(v))
	case u == Bytes && v >= 10<<20:
		return fmt.Sprintf("%.0f MB", v/(1<<20))
	case u == Bytes && v >= 10<<10:
		return fmt.Sprintf("%.1f KB", v/(1<<10))
	case u == Bytes:
		return fmt.Sprintf("%.0f B", v)
	case u == Rate && v >= 100 || v == float64(int64(v)):
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// Quantity is one thing that is measured of every contender.
type Quantity struct {
	Name string
	Unit Unit
	Aim  string // what ours should reach; "" for no aim

	Worst bool // of all runs the worst counts, as for what must never happen
}

// counts is the one of several values that the table shows.
func (q Quantity) counts(all []float64) float64 {
	if q.Worst == (q.Unit == Rate) { // the least of what is better the less, or the worst rate
		return slices.Min(all)
	}
	return slices.Max(all)
}

// Contender is a side whose work yields several quantities at once. Not every
// contender has every quantity.
type Contender struct {
	Name string
	Run  func(run int, put func(Quantity, float64))
}

// Compare measures each contender so many times, in the order of InTurn, and
// makes a table with a row a quantity: each contender's best run, ours as a
// multiple of the floor's, each one's spread, and the aim. Ours is the first,
// the floor the last.
func Compare(title string, runs int, all ...Contender) Table {
	s := sheet{values: map[cell][]float64{}}
	sides := make([]Side, len(all))
	for i, c := range all {
		sides[i] = Side{Name: c.Name, Do: func(run int) time.Duration {
			c.Run(run, func(q Quantity, v float64) { s.put(cell{i, q.Name}, q, v) })
			return 0
		}}
	}
	InTurn(runs, sides...)
	t := Table{Title: fmt.Sprintf("%s (best of %d in turn)", title, runs), Rows: [][]string{{""}}}
	for _, c := range all {
		t.Rows[0] = append(t.Rows[0], c.Name)
	}
	t.Rows[0] = append(t.Rows[0], "first / last", "spread of each", "aim")
	for _, q := range s.order {
		t.Rows = append(t.Rows, s.row(q, len(all)))
	}
	return t
}

type cell struct {
	side     int
	quantity string
}

type sheet struct {
	order  []Quantity
	values map[cell][]float64
}

func (s *sheet) put(c cell, q Quantity, v float64) {
	if !slices.ContainsFunc(s.order, func(known Quantity) bool { return known.Name == q.Name }) {
		s.order = append(s.order, q)
	}
	s.values[c] = append(s.values[c], v)
}

func (s *sheet) row(q Quantity, sides int) []string {
	row := []string{q.Name}
	var spreads []string
	for i := range sides {
		all := s.values[cell{i, q.Name}]
		if len(all) == 0 {
			row, spreads = append(row, ""), append(spreads, "-")
			continue
		}
		row, spreads = append(row, q.Unit.text(q.counts(all))), append(spreads, spread(all))
	}
	relative := ""
	first, last := s.values[cell{0, q.Name}], s.values[cell{sides - 1, q.Name}]
	if sides > 1 && len(first) > 0 && len(last) > 0 && q.counts(last) > 0 {
		relative = Part(q.counts(first), q.counts(last))
	}
	return append(row, relative, strings.Join(spreads, ", "), q.Aim)
}

func spread(all []float64) string {
	if least := slices.Min(all); least > 0 {
		return Part(slices.Max(all), least)
	}
	return "-"
}

// Part is a part of another as people read it.
func Part(a, b float64) string { return fmt.Sprintf("%.2f", a/b) }
