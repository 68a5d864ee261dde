package carrier_test

import (
	"reflect"
	"strings"
	"testing"

	"inviter/carrier"
	"inviter/invitation/sample"
)

func TestCodesOfOtherProducts(t *testing.T) {
	t.Parallel()
	type C = []string // product, side, masked
	for text, want := range map[string]C{
		"Call me: 030 123 456 789 or 123456789":                                nil,
		"My Splashtop SOS code is 123-456-789":                                 {"Splashtop SOS", "user", "…89"},
		"TeamViewer ID 1 234 567 890, thanks":                                  {"TeamViewer", "user", "…90"},
		"my teamviewer is 123 456 789":                                         {"TeamViewer", "user", "…89"},
		"AnyDesk 987654321":                                                    {"AnyDesk", "user", "…21"},
		"anydesk:987654321":                                                    {"AnyDesk", "user", "anydesk:…"},
		"AnyDesk address jane-pc@ad please":                                    {"AnyDesk", "user", "…ad"},
		"AnyDesk alias jane@contoso.":                                          {"AnyDesk", "user", "…so"},
		"My AnyDesk does not start. jane@example.org":                          nil,
		"RustDesk id 123456789":                                                {"RustDesk", "user", "…89"},
		"rustdesk://123456789?password=secret":                                 {"RustDesk", "user", "rustdesk:…"},
		"AnyDesk 987654321. My TeamViewer is broken":                           {"AnyDesk", "user", "…21"},
		"join https://my.splashtop.com/sos/packages/download/ABCDEF123456 now": {"Splashtop SOS", "technician", "my.splashtop.com/…"},
		"Splashtop PIN 123456":                                                 {"Splashtop Service Desk", "technician", "…56"},
		"https://get.teamviewer.com/s12345678":                                 {"TeamViewer", "technician", "get.teamviewer.com/…"},
		"Quick Assist code 5GH7K2":                                             {"Quick Assist", "technician", "…K2"},
		"Easy Connect: BCDFGH":                                                 {"Easy Connect", "user", "…GH"},
		"https://assist.zoho.eu/join?role=A&key=123456789":                     {"Zoho Assist", "technician", "assist.zoho.eu/…"},
		"https://x.example/?Session=01234567-89ab-cdef-0123-456789abcdef":      {"ScreenConnect", "technician", "…ef"},
		"https://mesh.example/agentinvite?c=abcd@ef":                           {"MeshCentral", "technician", "https:…"},
		"vnc://10.0.0.7:5900":                                                  {"VNC", "user", "vnc:…"},
		"rdp://full%20address=s:host":                                          {"Remote Desktop", "either", "rdp:…"},
		"https://meet.jit.si/OurRoom":                                          {"Jitsi", "either", "meet.jit.si/…"},
		"https://teams.microsoft.com/l/meetup-join/19%3a":                      {"Teams", "either", "teams.microsoft.com/…"},
		"https://meet.google.com/abc-defg-hij":                                 {"Google Meet", "either", "meet.google.com/…"},
		"https://us02web.zoom.us/j/1234567890":                                 {"Zoom", "either", "zoom.us/…"},
		"TeamViewer" + strings.Repeat(" far", 30) + " 123456789":               nil,
	} {
		got := carrier.Mail(sample.Mail{From: "a@b", Text: text}.Bytes(), limits)
		var have C
		for _, c := range got.Codes {
			have = append(have, c.Product, string(c.MadeBy), c.Masked)
		}
		if !reflect.DeepEqual(have, want) {
			t.Errorf("%s: %q", text, have)
		}
		if len(got.Refused) != 0 {
			t.Errorf("%s: refused %v", text, codes(got))
		}
	}
}

// TestSecretsInLinks: what opens a computer is masked wherever the text is shown.
func TestSecretsInLinks(t *testing.T) {
	t.Parallel()
	text := "rustdesk://123456789?password=hunter2 and https://get.teamviewer.com/s12345678-AbCdEfGh1234"
	got := carrier.Mail(sample.Mail{From: "a@b", Subject: "hunter2", Text: text}.Bytes(), limits)
	if strings.Contains(got.Text+got.Header.Subject, "hunter2") || strings.Contains(got.Text, "AbCdEfGh1234") || len(got.Codes) != 2 {
		t.Errorf("%q %q %+v", got.Header.Subject, got.Text, got.Codes)
	}
	if got.Codes[0].Value+got.Codes[1].Value == "" || got.Codes[1].Lifetime != 0 {
		t.Errorf("%+v", got.Codes)
	}
}
