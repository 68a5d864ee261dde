// Package ratio keeps what benchmarks of the whole program measured: ours
// beside peers and floors, in turn within one run, as tables. Only the ratios of
// one run mean anything on another machine.
package ratio

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Side is one of those that do the same work: ours, a peer, or the least
// program that could do it.
type Side struct {
	Name string
	Do   func(run int) time.Duration // the work once
}

// Series is what one side took, in the order measured.
type Series struct {
	Name string
	All  []time.Duration
}

// InTurn measures each side so many times. The order is turned around in every
// second run, so that nobody always comes after the same neighbour.
func InTurn(runs int, sides ...Side) []Series {
	series := make([]Series, len(sides))
	for i, s := range sides {
		series[i].Name = s.Name
	}
	for run := range runs {
		for k := range sides {
			i := k
			if run%2 == 1 {
				i = len(sides) - 1 - k
			}
			series[i].All = append(series[i].All, sides[i].Do(run))
		}
	}
	return series
}

// Best is the least disturbed run.
func (s Series) Best() time.Duration { return slices.Min(s.All) }

// At is a percentile, 0 to 100, by the nearest rank below.
func (s Series) At(percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(s.All))
	return sorted[(len(sorted)-1)*percent/100]
}

// Spread is the longest run in parts of the shortest: 1 is no spread at all.
func (s Series) Spread() float64 { return float64(slices.Max(s.All)) / float64(s.Best()) }

// Beside is the table of several series: each with its best and median run, its
// spread, and its best as a multiple of the last one's best: that is the floor.
func Beside(title string, series ...Series) Table {
	t := Table{Title: title, Rows: [][]string{{"", "best", "median", "spread", "× " + series[len(series)-1].Name}}}
	floor := series[len(series)-1].Best()
	for _, s := range series {
		t.Rows = append(t.Rows, []string{s.Name, Round(s.Best()), Round(s.At(50)), fmt.Sprintf("%.2f", s.Spread()), Of(s.Best(), floor)})
	}
	return t
}

// Of is a part of another as people read it.
func Of(a, b time.Duration) string { return fmt.Sprintf("%.2f", float64(a)/float64(b)) }

// Round is a duration in three digits or so.
func Round(d time.Duration) string {
	if d < 0 {
		return "-" + Round(-d)
	}
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}

// Table is one comparison. The first row names the columns.
type Table struct {
	Title string
	Rows  [][]string
}

// Print writes the table for a terminal.
func (t Table) Print(w io.Writer) error {
	fmt.Fprintf(w, "\n%s\n", t.Title)
	tab := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, r := range t.Rows {
		fmt.Fprintln(tab, "  "+strings.Join(r, "\t"))
	}
	return tab.Flush()
}

// Markdown is the table for docs.
func (t Table) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", t.Title)
	for i, r := range t.Rows {
		cells := make([]string, len(t.Rows[0]))
		for k, c := range r {
			cells[k] = strings.ReplaceAll(c, "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(r)))
		}
	}
	return b.String()
}
