package web_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"inviter/e2e/private"
	"inviter/invitation"
	"inviter/invitation/sample"
	"inviter/queue"
	"inviter/ticket"
)

// TestLook takes pictures of every page, light, dark and narrow, into the
// folder INVITER_LOOK; of those that INVITER_LOOK_ONLY lists, if it does.
// Pictures are looked at by people; the test only makes them.
func TestLook(t *testing.T) {
	folder := pictures(t)
	browser := private.Chromium(t)
	busy := build(t)
	fillBusy(busy)
	past := build(t)
	fillBusy(past)
	past.clock.pass(7 * time.Hour)
	for _, name := range []string{"mailbox:helpdesk", "share:support", "share:branch-north"} {
		past.source(name, ticket.SourceOK, "")
	}
	past.expires(t)
	empty := build(t)
	empty.source("mailbox:helpdesk", ticket.SourceOK, "")
	empty.source("share:support", ticket.SourceOK, "")
	one := build(t)
	one.arrives()
	many := build(t)
	for range 200 {
		many.arrives()
		many.clock.pass(7 * time.Second)
	}
	for _, l := range []struct {
		name, path string
		h          *house
		who        string
		role       ticket.Role
	}{
		{"queue", "/", busy, "grace", ticket.RoleTechnician},
		{"queue-lead", "/", busy, "lena", ticket.RoleLead},
		{"reports", "/reports", busy, "lena", ticket.RoleLead},
		{"queue-mine", "/?show=mine", busy, "grace", ticket.RoleTechnician},
		{"queue-filter", "/?q=nothing+like+this", busy, "grace", ticket.RoleTechnician},
		{"ticket", "/tickets/1", busy, "grace", ticket.RoleTechnician},
		{"ticket-mine", "/tickets/4", busy, "grace", ticket.RoleTechnician},
		{"history", "/history", past, "grace", ticket.RoleTechnician},
		{"missed", "/?show=missed", past, "grace", ticket.RoleTechnician},
		{"quarantine", "/?show=quarantine", busy, "lena", ticket.RoleLead},
		{"accounts", "/accounts", busy, "root", ticket.RoleAdmin},
		{"account", "/accounts/grace", busy, "grace", ticket.RoleTechnician},
		{"status", busy.status(4), busy, "", ""},
		{"sources", "/sources", busy, "lena", ticket.RoleLead},
		{"login", "/login?next=/tickets/1", busy, "", ""},
		{"link", "/login/link/secret", busy, "", ""},
		{"lost", "/no/such/page", busy, "grace", ticket.RoleTechnician},
		{"empty", "/", empty, "grace", ticket.RoleTechnician},
		{"one", "/", one, "grace", ticket.RoleTechnician},
		{"many", "/", many, "grace", ticket.RoleTechnician},
	} {
		for _, look := range []struct {
			name   string
			width  int64
			scheme string
			lang   string
		}{
			{"light", 1280, "light", "en"}, {"dark", 1280, "dark", "en"}, {"narrow", 360, "light", "en"}, {"german", 1280, "light", "de"}, {"middle", 820, "light", "de"},
		} {
			if only := strings.Fields(os.Getenv("INVITER_LOOK_ONLY")); len(only) > 0 && !slices.Contains(only, l.name+"-"+look.name) {
				continue
			}
			tab := private.Tab(t, browser)
			l.h.enter(tab, l.who, l.role)
			_, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: look.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
			check(t, err)
			check(t, chromedp.Do(tab,
				chromedp.EmulateViewport(look.width, 900),
				chromedp.Navigate(l.h.server.URL+l.path+sep(l.path)+"lang="+look.lang),
				chromedp.Sleep(300*time.Millisecond)))
			shot, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
			check(t, err)
			check(t, os.WriteFile(filepath.Join(folder, l.name+"-"+look.name+".png"), small(t, shot), 0o644))
			chromedp.Cancel(tab)
		}
	}
}

// expires lets the queue's own clock work until what is due has ended.
func (h *house) expires(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan bool)
	go func() { h.Queue.Run(ctx); close(ended) }()
	for n := 0; n < 5; {
		page, err := h.Ended(t.Context(), queue.Past{})
		check(t, err)
		n = len(page.Tickets)
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	<-ended
}

// small is a picture in its 256 most frequent colours: pages have few, and the
// files are a third as large.
func small(t *testing.T, picture []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(picture))
	check(t, err)
	count := map[color.RGBA]int{}
	size := full.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			count[color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)]++
		}
	}
	frequent := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range frequent[:min(256, len(frequent))] {
		palette = append(palette, c)
	}
	few := image.NewPaletted(size, palette)
	nearest := map[color.RGBA]uint8{}
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			c := color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)
			i, known := nearest[c]
			if !known {
				i = uint8(palette.Index(c))
				nearest[c] = i
			}
			few.SetColorIndex(x, y, i)
		}
	}
	var b bytes.Buffer
	check(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, few))
	return b.Bytes()
}

func sep(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}

// enter gives a tab somebody's log-in.
func (h *house) enter(tab context.Context, name string, role ticket.Role) {
	h.t.Helper()
	if name == "" {
		return
	}
	setCookie(h.t, tab, h.server.URL, h.signIn(name, role))
}

func (h *house) source(name, state, fault string) {
	h.t.Helper()
	now := h.clock.time()
	s := ticket.SourceState{
		Name: name, State: state, Mode: "IDLE", Since: now.Add(-6 * time.Minute), LastSuccess: now.Add(-12 * time.Second), LastError: fault,
		NextTry: now.Add(40 * time.Second), Period: time.Minute, Total: ticket.Pass{Seen: 90, Queued: 38, Repeated: 2, Refused: 2},
	}
	if state != ticket.SourceOK {
		s.LastSuccess = s.Since
	}
	check(h.t, h.SetSource(context.Background(), s))
}

// fillBusy makes a busy afternoon: every kind of row at once.
func fillBusy(h *house) {
	ctx := context.Background()
	who := func(name string, role ticket.Role) ticket.Technician {
		h.hire(name, role)
		return ticket.Technician{Name: name, Role: role}
	}
	grace, ada, tomasz, lena := who("grace", ticket.RoleTechnician), who("ada", ticket.RoleTechnician), who("tomasz", ticket.RoleTechnician), who("lena", ticket.RoleLead)
	who("yusuf", ticket.RoleTechnician)
	h.source("mailbox:helpdesk", ticket.SourceOK, "")
	ask := func(name, address, note string, minutes int, more ...func(*ticket.Delivery, *sample.Invitation)) ticket.Ticket {
		return h.arrives(append([]func(*ticket.Delivery, *sample.Invitation){func(d *ticket.Delivery, s *sample.Invitation) {
			d.From, d.Note, s.Minutes, s.User = ticket.User{Key: "mail:" + name + address, Name: name, Address: address}, note, minutes, ""
		}}, more...)...)
	}
	share := func(d *ticket.Delivery, _ *sample.Invitation) { d.Source = "share:support" }
	must := func(t ticket.Ticket, err error) ticket.Ticket { check(h.t, err); return t }

	done := ask("Miriam Castellanos", "miriam.castellanos@example.org", "The label printer in dispatch prints every label twice since the update on Thursday. I tried another USB port. My extension is 2217.", 120, func(_ *ticket.Delivery, s *sample.Invitation) {
		s.User = `EXAMPLE\mcastellanos`
		s.Endpoints = []string{"10.20.4.117:49731", "172.29.80.1:49731", "[2001:db8::17]:49731"}
	})
	h.clock.pass(19 * time.Minute)
	done = must(h.Claim(ctx, done.ID, tomasz))
	h.clock.pass(2 * time.Minute)
	_, err := h.File(ctx, done.ID, tomasz, 1, "10.0.0.9")
	check(h.t, err)
	h.clock.pass(5 * time.Minute)
	done = must(h.Release(ctx, done.ID, tomasz, 1, ticket.ReasonNoAnswer, "tried twice"))
	h.clock.pass(14 * time.Minute)
	done = must(h.Claim(ctx, done.ID, grace))
	h.clock.pass(4 * time.Minute)
	done = must(h.Connected(ctx, done.ID, grace, 2))
	h.clock.pass(22 * time.Minute)
	must(h.Close(ctx, done.ID, grace, 2, ticket.Solved, "Label printer had two queues on the same port. Removed the old one, printed three test labels."))

	long := strings.Repeat("Margarethe Sophie von Hohenstein-Wittgenstein zu Bartholomä-Kirchberg (Verwaltungsrat, Sekretariat II) ", 2)
	ask(long[:200], "m.hohenstein@example.org", "Outlook asks for my password again and again, and I have a call with the board at 15:00. "+strings.Repeat("Please hurry. ", 30), 120)
	h.clock.pass(18 * time.Minute)
	jonas := ask("Jonas Feld", "jonas.feld@example.org", "Teams does not find my headset", 254)
	h.clock.pass(14 * time.Minute)
	mine := ask("Miriam Castellanos", "miriam.castellanos@example.org", "The label printer in dispatch prints every label twice since the update on Thursday. I tried another USB port. My extension is 2217, I am at my desk until 15:00.", 126, func(_ *ticket.Delivery, s *sample.Invitation) {
		s.User = `EXAMPLE\mcastellanos`
	})
	h.clock.pass(22 * time.Minute)
	ask("علياء بنت سلطان المنصوري", "alia.almansouri@example.org", "لا أستطيع فتح ملفات المشروع من البيت منذ صباح اليوم", 356)
	h.clock.pass(7 * time.Minute)
	ask("Peter Okonkwo", `EXAMPLE\p.okonkwo`, "", 360, share, func(_ *ticket.Delivery, s *sample.Invitation) { s.User = `PC7\Administrator` })
	h.clock.pass(7 * time.Minute)
	lenaB := ask("Dr. Lena Baumgartner", "lena.baumgartner@example.org", "VPN connects, then drops after a minute. I am in the train until 16:00, mobile in my signature.", 360)
	inv, err := invitation.Parse(sample.Invitation{Password: "Passw0rd", Start: lenaB.Start, Minutes: 360, Seed: int64(h.items)}.RA1())
	check(h.t, err)
	_, err = h.Submit(ctx, []ticket.Delivery{{Source: "share:support", Item: "again", Received: h.clock.time(), From: lenaB.User, Invitations: []invitation.Invitation{inv}}})
	check(h.t, err)
	h.clock.pass(5 * time.Minute)
	scanner := ask("Warehouse scanner 7", "", "dropped as “scanner7 blue screen”", 360, share)
	h.clock.pass(2 * time.Minute)
	must(h.Claim(ctx, scanner.ID, tomasz))
	h.clock.pass(4 * time.Minute)
	ask("Accounts Payable", "billing@exarnple.org", "Urgent please connect now, invoice software error", 360, func(d *ticket.Delivery, _ *sample.Invitation) {
		d.Quarantine, d.Flags = true, []ticket.Flag{ticket.DoubtfulSender}
	})
	must(h.Claim(ctx, jonas.ID, ada))
	must(h.Connected(ctx, jonas.ID, ada, 1))
	h.clock.pass(6 * time.Minute)
	ask("Jonas Feld", "jonas.feld@example.org", "Sent again, the first window closed by itself.", 360)
	h.clock.pass(5 * time.Minute)
	ask("Sandra Oyelaran", "sandra@oyelaran-consulting.example", "Contractor laptop, cannot reach the time sheet.", 1439, func(d *ticket.Delivery, _ *sample.Invitation) {
		d.Source, d.Flags = "upload", []ticket.Flag{ticket.OutsideNetworks}
	})
	ask("Piotr Zieliński", "piotr.zielinski@example.org", "CNC control PC (old Windows), drive letter Z: is gone", 60)
	h.clock.pass(2 * time.Minute)
	badge := ask("Reception desk, hall B", "", "Badge printer", 360, share)
	zhou := ask("Zhou Meiling", "meiling.zhou@example.org", "Second monitor stays black", 360)
	must(h.Claim(ctx, zhou.ID, grace))
	must(h.Connected(ctx, zhou.ID, grace, 1))
	h.clock.pass(time.Minute)
	must(h.Claim(ctx, mine.ID, grace))
	_, err = h.File(ctx, mine.ID, grace, 1, "10.0.0.9")
	check(h.t, err)
	h.clock.pass(90 * time.Second)
	must(h.Claim(ctx, badge.ID, lena))
	ask("Tobias Ahlgren", "tobias.ahlgren@example.org", "Excel opens, but only a white window", 360)
	check(h.t, h.refuse(ctx))
	h.source("mailbox:helpdesk", ticket.SourceOK, "")
	h.source("share:support", ticket.SourceFailing, "connection refused by files.example.org; is the server running?")
	h.source("share:branch-north", ticket.SourceOK, "")
}

// refuse records things that could not be used.
func (h *house) refuse(ctx context.Context) error {
	for i, code := range []invitation.Code{invitation.Damaged, invitation.EncryptedArchive, invitation.Contradictory} {
		_, err := h.Submit(ctx, []ticket.Delivery{{
			Source: "mailbox:helpdesk", Item: fmt.Sprintf("bad %d", i), Received: h.clock.time(), From: ticket.User{Address: "u.kraemer@example.org"},
			Refusal: &invitation.Refusal{Code: code, Detail: "the file ends in the middle"},
		}})
		if err != nil {
			return err
		}
	}
	return nil
}
