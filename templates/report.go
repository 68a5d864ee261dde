package templates

import (
	"time"

	"inviter/ticket"
)

// ReportPage is how the helpdesk did, in numbers with small charts beside them.
type ReportPage struct {
	Shell       Shell
	Report      ticket.Report
	First, Last time.Time // its days
	Everybody   bool      // all technicians are listed, not the reader alone
	CSV         string    // the address of the same as a table
	Quick       []QuickPeriod
	Times       []Timing
	Ticks       []TimeTick
	Ends        []EndCount
	Bars        []HourBar
}

func (ReportPage) template() string { return "reports" }

// QuickPeriod leads to the last days.
type QuickPeriod struct {
	Days  int
	Query string
	Here  bool
}

// Timing is how long one thing took, and where that stands on the ruler.
type Timing struct {
	ticket.Spread
	Name           string // "wait", "connect", "help"
	Mid, Most, All float64
}

// TimeTick is a mark of that ruler.
type TimeTick struct {
	At   float64
	Time time.Duration
}

// EndCount is how many tickets ended one way.
type EndCount struct {
	End   string // an outcome, a state, or "open"
	Count int
}

// HourBar is one hour of the day in the chart: heights in its pixels.
type HourBar struct {
	ticket.HourLine
	Hour             int
	At               float64
	Top, Label, Mark int
}

// Even hours are named under the chart.
func (b HourBar) Even() bool { return b.Hour%2 == 0 }

// Lived is how long a missed invitation could have been claimed.
func lived(l ticket.Lost) time.Duration { return l.Ended.Sub(l.Came) }

// percent of the whole, with one decimal; "0" of nothing.
func (l *Language) percent(part, whole int) string {
	if whole == 0 {
		return "0"
	}
	return l.decimal(100 * float64(part) / float64(whole))
}
