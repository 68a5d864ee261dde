package web

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"inviter/ticket"
)

// reportJSON is a report as the API shows it. Times it took are in seconds.
type reportJSON struct {
	From          *time.Time       `json:"from"`
	To            *time.Time       `json:"to"`
	Came          int              `json:"came"`
	Waited        int              `json:"waited"`
	Missed        int              `json:"missed"`
	MissedTickets []lostJSON       `json:"missed_tickets"`
	Dead          int              `json:"dead_on_arrival"`
	HandBacks     int              `json:"hand_backs"`
	Ends          map[string]int   `json:"ends"`
	Wait          spreadJSON       `json:"wait"`
	Connect       spreadJSON       `json:"connect"`
	Help          spreadJSON       `json:"help"`
	Technicians   []technicianJSON `json:"technicians"`
	Sources       []sourceLineJSON `json:"sources"`
	Hours         []hourJSON       `json:"hours"`
}

type spreadJSON struct {
	N   int     `json:"n"`
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	Max float64 `json:"max"`
}

type lostJSON struct {
	ID      ticket.ID  `json:"id"`
	Name    string     `json:"name"`
	Address string     `json:"address"`
	Source  string     `json:"source"`
	Came    *time.Time `json:"queued_at"`
	Ended   *time.Time `json:"ended_at"`
}

type technicianJSON struct {
	Name      string     `json:"name"`
	Claims    int        `json:"claims"`
	Helped    int        `json:"helped"`
	HandBacks int        `json:"hand_backs"`
	Connect   spreadJSON `json:"connect"`
	Help      spreadJSON `json:"help"`
}

type sourceLineJSON struct {
	Name   string     `json:"name"`
	Came   int        `json:"came"`
	Also   int        `json:"repeated"`
	Missed int        `json:"missed"`
	Dead   int        `json:"dead_on_arrival"`
	Wait   spreadJSON `json:"wait"`
}

type hourJSON struct {
	Hour   int        `json:"hour"`
	Came   int        `json:"came"`
	Missed int        `json:"missed"`
	Wait   spreadJSON `json:"wait"`
}

func (reportJSON) forAPI() {}

func spreadFor(s ticket.Spread) spreadJSON {
	return spreadJSON{s.N, s.P50.Seconds(), s.P90.Seconds(), s.Max.Seconds()}
}

func reportFor(r ticket.Report) reportJSON {
	j := reportJSON{
		From: moment(r.From), To: moment(r.To), Came: r.Came, Waited: r.Waited, Missed: len(r.Missed), MissedTickets: []lostJSON{},
		Dead: r.Dead, HandBacks: r.HandBacks, Ends: r.Ends, Wait: spreadFor(r.Wait), Connect: spreadFor(r.Connect), Help: spreadFor(r.Help),
		Technicians: []technicianJSON{}, Sources: []sourceLineJSON{},
	}
	for _, l := range r.Missed {
		j.MissedTickets = append(j.MissedTickets, lostJSON{l.ID, l.Name, l.Address, l.Source, moment(l.Came), moment(l.Ended)})
	}
	for _, l := range r.Technicians {
		j.Technicians = append(j.Technicians, technicianJSON{l.Name, l.Claims, l.Helped, l.HandBacks, spreadFor(l.Connect), spreadFor(l.Help)})
	}
	for _, l := range r.Sources {
		j.Sources = append(j.Sources, sourceLineJSON{l.Name, l.Came, l.Also, l.Missed, l.Dead, spreadFor(l.Wait)})
	}
	for h, l := range r.Hours {
		j.Hours = append(j.Hours, hourJSON{h, l.Came, l.Missed, spreadFor(l.Wait)})
	}
	return j
}

// writeCSV writes a report with one number a line: section, name, measure,
// value. That is what tables and scripts can group as they like.
func writeCSV(w io.Writer, r ticket.Report) error {
	out := csv.NewWriter(w)
	line := func(section, name, measure string, value int) {
		_ = out.Write([]string{section, plainCell(name), measure, strconv.Itoa(value)}) // kept until Error
	}
	took := func(section, name, what string, s ticket.Spread) {
		line(section, name, what+"_n", s.N)
		line(section, name, what+"_p50_seconds", int(s.P50.Seconds()))
		line(section, name, what+"_p90_seconds", int(s.P90.Seconds()))
		line(section, name, what+"_max_seconds", int(s.Max.Seconds()))
	}
	_ = out.Write([]string{"section", "name", "measure", "value"})
	for _, n := range []struct {
		measure string
		value   int
	}{{"came", r.Came}, {"waited", r.Waited}, {"missed", len(r.Missed)}, {"dead_on_arrival", r.Dead}, {"hand_backs", r.HandBacks}} {
		line("all", "", n.measure, n.value)
	}
	took("all", "", "wait", r.Wait)
	took("all", "", "connect", r.Connect)
	took("all", "", "help", r.Help)
	for _, l := range r.Missed {
		name := l.Name
		if name == "" {
			name = l.Address
		}
		line("missed", name, "ticket", int(l.ID))
	}
	for _, l := range r.Technicians {
		line("technician", l.Name, "claims", l.Claims)
		line("technician", l.Name, "helped", l.Helped)
		line("technician", l.Name, "hand_backs", l.HandBacks)
		took("technician", l.Name, "connect", l.Connect)
		took("technician", l.Name, "help", l.Help)
	}
	for _, l := range r.Sources {
		line("source", l.Name, "came", l.Came)
		line("source", l.Name, "repeated", l.Also)
		line("source", l.Name, "missed", l.Missed)
		line("source", l.Name, "dead_on_arrival", l.Dead)
		took("source", l.Name, "wait", l.Wait)
	}
	for h, l := range r.Hours {
		line("hour", strconv.Itoa(h), "came", l.Came)
		line("hour", strconv.Itoa(h), "missed", l.Missed)
	}
	out.Flush()
	return out.Error()
}

// plainCell is foreign text that no spreadsheet takes for a formula.
func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(text[0])) {
		return "'" + text
	}
	return text
}
