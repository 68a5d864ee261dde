package ratio

import (
	"slices"
	"testing"
	"time"
)

// A row has everybody's best, what that is of the floor's, and the spreads;
// who lacks a quantity leaves the others alone.
func TestCompare(t *testing.T) {
	t.Parallel()
	took, rate := Quantity{"took", Time, "≤ 2 ×", false}, Quantity{"pages/s", Rate, "≥ 0.5 ×", false}
	memory, longest := Quantity{"memory", Bytes, "≤ 64 MB", false}, Quantity{"the longest", Time, "≤ 50ms", true}
	var order []string
	table := Compare("work", 3,
		Contender{Name: "ours", Run: func(run int, put func(Quantity, float64)) {
			order = append(order, "ours")
			put(took, float64(time.Duration(3+run)*time.Millisecond))
			put(rate, float64(500-100*run))
			put(memory, 48<<20)
			put(longest, float64(run+1))
		}},
		Contender{Name: "peer", Run: func(_ int, put func(Quantity, float64)) {
			order = append(order, "peer")
			put(took, float64(time.Second))
		}},
		Contender{Name: "floor", Run: func(_ int, put func(Quantity, float64)) {
			order = append(order, "floor")
			put(took, float64(2*time.Millisecond))
			put(rate, 1000)
		}},
	)
	if want := []string{"ours", "peer", "floor", "floor", "peer", "ours", "ours", "peer", "floor"}; !slices.Equal(order, want) {
		t.Errorf("order %v", order)
	}
	want := [][]string{
		{"", "ours", "peer", "floor", "first / last", "spread of each", "aim"},
		{"took", "3ms", "1s", "2ms", "1.50", "1.67, 1.00, 1.00", "≤ 2 ×"},
		{"pages/s", "500", "", "1000", "0.50", "1.67, -, 1.00", "≥ 0.5 ×"},
		{"memory", "48 MB", "", "", "", "1.00, -, -", "≤ 64 MB"},
		{"the longest", "3ns", "", "", "", "3.00, -, -", "≤ 50ms"},
	}
	if len(table.Rows) != len(want) || table.Title != "work (best of 3 in turn)" {
		t.Fatalf("%s: %v", table.Title, table.Rows)
	}
	for i := range want {
		if !slices.Equal(table.Rows[i], want[i]) {
			t.Errorf("row %d: %v, want %v", i, table.Rows[i], want[i])
		}
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		u    Unit
		v    float64
		want string
	}{
		{Time, 1.5e6, "1.5ms"}, {Rate, 12345.6, "12346"}, {Rate, 1.234, "1.23"}, {Bytes, 900, "900 B"}, {Bytes, 20 << 10, "20.0 KB"},
		{Bytes, 64 << 20, "64 MB"}, {Count, 2, "2"}, {Count, 0.0161, "0.0161"},
	} {
		if got := c.u.text(c.v); got != c.want {
			t.Errorf("%v %v: %s, want %s", c.u, c.v, got, c.want)
		}
	}
}
