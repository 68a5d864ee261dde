package carrier

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"inviter/invitation"
)

// Options decide what Inspect makes of a file.
type Options struct {
	Limits   Limits
	Rule     invitation.Rule
	Now      time.Time // when it is inspected, and received where the file doesn't say
	Password string    // tried on every invitation if Try is set
	Try      bool
}

// Report is what a file contains, as `inviter inspect --json` prints it
// (INTERFACE.md section 5). Lists are never nil.
type Report struct {
	File        string    `json:"file"`
	Found       []Finding `json:"found"`
	Refused     []Problem `json:"refused"`
	Ignored     int       `json:"ignored"`
	Passwords   int       `json:"passwords"`
	Codes       []Code    `json:"codes"`
	Sender      string    `json:"sender,omitempty"`
	InnerSender string    `json:"inner_sender,omitempty"`
}

// Finding is one invitation. Start and Expires are as they count.
type Finding struct {
	Path             string                `json:"path"`
	Format           invitation.Format     `json:"format"`
	Key              string                `json:"key"`
	User             string                `json:"user"`
	Start            time.Time             `json:"start"`
	Minutes          *int64                `json:"length_minutes"` // the file's own; null where it has none
	Expires          time.Time             `json:"expires_at"`
	PasswordRequired bool                  `json:"password_required"`
	Endpoints        []invitation.Endpoint `json:"endpoints"` // null while they are hidden
	Password         invitation.Verdict    `json:"password"`
	Warnings         []invitation.Warning  `json:"warnings"`
}

// Problem is something that can't be used.
type Problem struct {
	Path    string          `json:"path"`
	Code    invitation.Code `json:"code"`
	Message string          `json:"message"`
}

// Inspect reports what a file or mail contains. Of a large file the first
// Limits.Mail bytes and one more are enough.
func Inspect(name string, b []byte, o Options) Report {
	c := File(name, b, o.Limits)
	r := Report{File: name, Found: []Finding{}, Refused: []Problem{}, Codes: append([]Code{}, c.Codes...),
		Ignored: c.Ignored, Passwords: c.Passwords, Sender: c.Header.From, InnerSender: c.Inner.From}
	for _, f := range c.Found {
		r.Found = append(r.Found, o.finding(f, c.Seen(o.Now)))
	}
	for _, p := range c.Refused {
		r.Refused = append(r.Refused, Problem{p.Path, p.Refusal.Code, p.Refusal.Detail})
	}
	return r
}

// OK tells whether something was found and nothing refused.
func (r Report) OK() bool { return len(r.Found) > 0 && len(r.Refused) == 0 }

// Seen is when the invitations in c reached us, by the mail's own trace fields
// where it has some. The user's clock shows in the mail the user wrote, not in
// the one that forwards it.
func (c Content) Seen(now time.Time) invitation.Seen {
	seen := invitation.Seen{Received: now, Skew: c.Header.Skew()}
	if !c.Header.Received.IsZero() && c.Header.Received.Before(now) {
		seen.Received = c.Header.Received
	}
	if c.Inner.From != "" {
		seen.Skew = c.Inner.Skew()
	}
	return seen
}

func (o Options) finding(f Found, seen invitation.Seen) Finding {
	life := f.Lifetime(seen, o.Rule)
	out := Finding{Path: f.Path, Format: f.Format, Key: f.Key.String(), User: f.User, PasswordRequired: f.PasswordRequired,
		Start: life.Start.UTC().Truncate(time.Second), Expires: life.Expires.UTC().Truncate(time.Second),
		Endpoints: f.Endpoints, Password: invitation.NotGiven, Warnings: append(append([]invitation.Warning{}, f.Warnings...), life.Warnings...)}
	if f.Minutes > 0 {
		out.Minutes = &f.Minutes
	}
	if o.Try {
		out.Password, out.Endpoints = f.Unlock(o.Password)
	}
	if !life.Expires.After(o.Now) && !slices.Contains(out.Warnings, invitation.Expired) {
		out.Warnings = append(out.Warnings, invitation.Expired)
	}
	return out
}

// String is the report for people, a few lines.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d found, %d refused, %d ignored\n", invitation.CleanLine(r.File, 1000), len(r.Found), len(r.Refused), r.Ignored)
	for _, f := range r.Found {
		b.WriteString(f.String())
	}
	for _, p := range r.Refused {
		fmt.Fprintf(&b, "  refused  %s\n           %s: %s\n", p.Path, p.Code, p.Message)
	}
	for _, c := range r.Codes {
		fmt.Fprintf(&b, "  code     %s %s (made by the %s)\n", c.Product, c.Masked, c.MadeBy)
	}
	if r.Passwords > 0 {
		fmt.Fprintf(&b, "  note     %d written password(s), masked\n", r.Passwords)
	}
	if r.Sender != "" {
		fmt.Fprintf(&b, "  sender   %s\n", r.Sender)
	}
	if r.InnerSender != "" {
		fmt.Fprintf(&b, "  inside   a mail from %s\n", r.InnerSender)
	}
	return b.String()
}

// String is the report for people, a few lines a finding.
func (f Finding) String() string {
	user, where := f.User, "addresses hidden until the password is given"
	if user == "" {
		user = "user unknown"
	}
	if f.Endpoints != nil {
		var list []string
		for _, e := range f.Endpoints {
			list = append(list, e.String())
		}
		where = strings.Join(list, ", ")
	}
	s := fmt.Sprintf("  found    %s\n           %s, %s, %s to %s\n           %s\n", f.Path, f.Format, user,
		f.Start.Format(time.RFC3339), f.Expires.Format(time.RFC3339), where)
	if f.Password != invitation.NotGiven {
		s += fmt.Sprintf("           password %s\n", f.Password)
	}
	for _, w := range f.Warnings {
		s += fmt.Sprintf("           warning: %s\n", w)
	}
	return s
}
