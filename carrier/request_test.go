package carrier_test

import (
	"reflect"
	"strings"
	"testing"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/invitation/sample"
)

func written(subject, text string) carrier.Content {
	return carrier.Mail(sample.Mail{From: "a@b", Subject: subject, Text: text}.Bytes(), limits)
}

// TestCodesOfTheUserAreRequests: by product, what the technician gets to copy,
// and what is in the file.
func TestCodesOfTheUserAreRequests(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"My Splashtop SOS code is 123-456-789":                         {"splashtop-sos", "123456789", "Splashtop SOS: 123-456-789\r\n"},
		"TeamViewer ID 1 234 567 890, thanks":                          {"teamviewer", "1234567890", "TeamViewer: 1 234 567 890\r\n"},
		"please: anydesk:987654321":                                    {"anydesk", "anydesk:987654321", "AnyDesk: anydesk:987654321\r\n"},
		"AnyDesk address Jane-PC@ad please":                            {"anydesk", "anydesk:jane-pc@ad", "AnyDesk: Jane-PC@ad\r\n"},
		"rustdesk://connection/new/123456789?password=hunter2 thanks":  {"rustdesk", "rustdesk://123456789", "RustDesk: rustdesk://connection/new/123456789?password=hunter2\r\n"},
		"RustDesk 123456789 or AnyDesk 987654321, whatever you prefer": {"anydesk", "anydesk:987654321 rustdesk://123456789", "AnyDesk: 987654321\r\nRustDesk: 123456789\r\n"},
	} {
		c := written("help", text).WithCodes(true)
		if len(c.Found) != 1 || len(c.Refused) != 0 {
			t.Errorf("%s: %+v", text, c)
			continue
		}
		inv := c.Found[0].Invitation
		var at []string
		for _, e := range inv.Endpoints {
			at = append(at, e.Host+e.URI)
		}
		if got := []string{string(inv.Format), strings.Join(at, " "), string(inv.File)}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q", text, got)
		}
		if inv.Format.File() || carrier.ProductName(inv.Format) == "" || inv.PasswordRequired {
			t.Errorf("%+v", inv)
		}
		for _, secret := range []string{"123456789", "987654321", "hunter2", "123-456-789", "1 234 567 890", "Jane-PC@ad"} {
			if strings.Contains(c.Text, secret) {
				t.Errorf("everybody may read %s in %q", secret, c.Text)
			}
		}
	}
}

func TestOneIdHasOneKey(t *testing.T) {
	t.Parallel()
	keys := map[invitation.Key]bool{}
	for _, text := range []string{"AnyDesk 987654321", "anydesk: 987 654 321", "anydesk:987654321", "anydesk://987654321"} {
		keys[written("", text).WithCodes(true).Found[0].Key] = true
	}
	if len(keys) != 1 {
		t.Errorf("%d keys", len(keys))
	}
	keys[written("", "TeamViewer 987654321").WithCodes(true).Found[0].Key] = true
	if len(keys) != 2 {
		t.Error("two products have one key")
	}
}

func TestWhatIsNoRequestIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Quick Assist code 5GH7K2":                                       "Quick Assist: This code is made by the technician",
		"https://get.teamviewer.com/s12345678":                           "TeamViewer: This code is made by the technician",
		"Splashtop PIN 123456":                                           "Splashtop Service Desk: This code is made by the technician",
		"https://meet.jit.si/OurRoom":                                    "Jitsi: A meeting room is no invitation",
		"https://us02web.zoom.us/j/1234567890":                           "Zoom: A meeting room is no invitation",
		"rdp://full%20address=s:host":                                    "Remote Desktop: A Remote Desktop link may lead anywhere",
		"Easy Connect: BCDFGH":                                           "Easy Connect: Easy Connect no longer works",
		"vnc://10.0.0.7:5900":                                            "VNC: A VNC address is open",
		"> https://meet.jit.si/OurRoom":                                  "",
		"Thanks!\n\n> my AnyDesk is 987654321":                           "",
		"Thanks!\n\n-----Original Message-----\nmy AnyDesk is 987654321": "",
		"nothing": "",
	} {
		for _, refuse := range []bool{true, false} {
			c := written("", text).WithCodes(refuse)
			switch {
			case len(c.Found) != 0:
				t.Errorf("%s: found %v", text, paths(c))
			case want == "" || !refuse:
				if len(c.Refused) != 0 {
					t.Errorf("%s: refused %v", text, c.Refused)
				}
			case len(c.Refused) != 1 || c.Refused[0].Refusal.Code != invitation.NotAnInvitation || !strings.HasPrefix(c.Refused[0].Refusal.Detail, want):
				t.Errorf("%s: %v", text, c.Refused)
			}
		}
	}
}

// TestAnInvitationComesFirst: a code beside it stays a word in the text.
func TestAnInvitationComesFirst(t *testing.T) {
	t.Parallel()
	c := carrier.Mail(sample.Mail{From: "a@b", Text: "or AnyDesk 987654321", Files: []sample.File{{Name: "a.msrcIncident", Body: jane.RA2()}}}.Bytes(), limits).WithCodes(true)
	if len(c.Found) != 1 || c.Found[0].Format != invitation.RA2 || c.Text != "or AnyDesk 987654321" {
		t.Errorf("%+v", c)
	}
}

// TestJottedFiles: a small text file is read for codes, a list of computers isn't.
func TestJottedFiles(t *testing.T) {
	t.Parallel()
	file := func(b []byte) carrier.Content { return carrier.File("help.txt", b, limits).WithCodes(false) }
	wide := []byte("\xff\xfe")
	for _, c := range "AnyDesk 987654321" {
		wide = append(wide, byte(c), 0)
	}
	for name, c := range map[string]struct {
		body []byte
		want int
	}{
		"text":      {[]byte("AnyDesk 987654321\r\nthe printer is broken"), 1},
		"16 bits":   {wide, 1},
		"long list": {[]byte(strings.Repeat("AnyDesk 987654321\n", 300)), 0},
		"binary":    {[]byte("AnyDesk 987654321\x00\x01"), 0},
		"meeting":   {[]byte("https://meet.jit.si/OurRoom"), 0},
	} {
		if got := file(c.body); len(got.Found) != c.want || len(got.Refused) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := file([]byte("AnyDesk 987654321\r\nthe printer is broken")); got.Text != "AnyDesk ••••••••\nthe printer is broken" {
		t.Errorf("%q", got.Text)
	}
}
