package templates

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A life is drawn on one ruler for all rows: ln(1 + minutes/20) / ln(73), so
// that 24 hours are the whole width, minutes differ visibly at the end and
// hours at the start. The script draws by the same formula.
func lifeShare(d time.Duration) float64 {
	minutes := d.Minutes()
	if minutes <= 0 {
		return 0
	}
	return min(1, math.Log1p(minutes/20)/math.Log(73))
}

// life is the length of a life bar, "32.3%".
func life(now, end time.Time) string { return share(lifeShare(end.Sub(now))) }

// lastMinutes is when the end is near, whatever the life was.
const lastMinutes = 10 * time.Minute

// share is a part of the width for an SVG attribute.
func share(f float64) string { return fmt.Sprintf("%.1f%%", 100*f) }

// placeOf is a zone's name for people: the city of "Europe/Berlin", else its
// abbreviation at that moment.
func placeOf(zone *time.Location, now time.Time) string {
	name := zone.String()
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return strings.ReplaceAll(name[i+1:], "_", " ")
	}
	abbreviation, _ := now.In(zone).Zone()
	return abbreviation
}
