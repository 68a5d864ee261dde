package demo

import (
	"net/mail"
	"time"

	"inviter/invitation/sample"
)

// person is one user of the demo with an invitation. Nobody here exists.
type person struct {
	id      string // names files, and keeps the invitation apart from others
	mail    mail.Address
	subject string
	text    string
	lang    string // of the text
	file    string // name of the attachment, or in the share
	folder  string // first-level folder of the share
	xp      bool   // RA1, as Windows XP writes it
	age     time.Duration
	damage  bool // cut off in the middle
	sample.Invitation
}

// step is one arrival, so long after the first start. Samples arrive by mail
// or into the share; one arrives both ways.
type step struct {
	after time.Duration
	who   string
	share bool
}

// steps is the play. The first ones are there when the page opens, the others
// come while somebody is looking at it.
func steps() []step {
	return []step{
		{0, "jane", false},
		{0, "tom", false},
		{0, "juergen", false},
		{0, "newsletter", false},
		{0, "amal", false},
		{0, "priya", false},
		{0, "oskar", false},
		{0, "maximiliane", false},
		{0, "desk", true},
		{6 * time.Second, "lin", false},
		{15 * time.Second, "priya", true},
		{25 * time.Second, "kofi", false},
		{40 * time.Second, "elif", true},
		{60 * time.Second, "jane-again", false},
		{90 * time.Second, "mateo", false},
		{2 * time.Minute, "anna", true},
	}
}

// cast is everybody who appears in steps.
func cast() []person {
	return append(english(), others()...)
}

func english() []person {
	return []person{
		{id: "jane", mail: mail.Address{Name: "Jane Doe", Address: "jane.doe@example.org"}, lang: "en",
			subject: "Outlook keeps asking for my password",
			text: "Hello,\n\nsince this morning Outlook asks for my password every few minutes, and the calendar " +
				"has stopped syncing. I am at my desk until four; please call 2214 for the password.\n\nThanks, Jane\n",
			file:       "RATicket.MsRcIncident",
			Invitation: sample.Invitation{User: "jdoe", Password: "K7WXB2NRT9QD", Certificate: true, Seed: 1}},
		{id: "tom", mail: mail.Address{Name: "Tom Becker", Address: "tom.becker@example.org"}, lang: "en",
			subject: "Measuring PC in the lab - please hurry",
			text: "The old measuring computer no longer finds its camera. The invitation runs out soon, " +
				"and the next test is at half past.\n\nTom, lab 3\n",
			file: "RATicket.MsRcIncident", xp: true, age: 51 * time.Minute,
			Invitation: sample.Invitation{User: "lab3", Password: "FQ6ZT3HCNX8W", Minutes: 60,
				Endpoints: []string{"10.20.3.17:3389", "lab3-pc:3389"}, Encoding: sample.UTF16LE, Seed: 2}},
		{id: "priya", mail: mail.Address{Name: "Priya Raman", Address: "priya.raman@example.org"}, lang: "en",
			subject: "VPN connects, but nothing opens",
			text:    "I mailed this and also put it on the share, as I wasn't sure which one you look at first.\n\nPriya\n",
			file:    "Invitation.msrcIncident", folder: "priya",
			Invitation: sample.Invitation{User: "praman", Password: "M4DJ7XKPW2SR", Certificate: true, Seed: 3}},
		{id: "oskar", mail: mail.Address{Name: "Oskar Lind", Address: "oskar.lind@example.org"}, lang: "en",
			subject: "Help", text: "Second try. My mail program said something about the attachment.\n\nOskar\n",
			file: "Invitation.msrcIncident", damage: true,
			Invitation: sample.Invitation{User: "olind", Password: "RT5WQ9ZXC3BN", Seed: 4}},
		{id: "newsletter", mail: mail.Address{Name: "Canteen", Address: "canteen@example.org"}, lang: "en",
			subject: "This week's menu", text: "Monday: lentil soup. Tuesday: see Monday.\n"},
		{id: "desk", folder: "Front desk", file: "Invitation.msrcIncident", xp: true,
			Invitation: sample.Invitation{User: "frontdesk", Minutes: 120, Endpoints: []string{"10.20.0.5:3389", "frontdesk:3389"}, Seed: 5}},
		{id: "kofi", mail: mail.Address{Name: "Kofi Mensah", Address: "kofi.mensah@example.org"}, lang: "en",
			subject: "Projector in the board room", age: 26 * time.Minute,
			text:       "The board meets in a quarter of an hour and the projector shows nothing. Four minutes are left on this invitation.\n",
			file:       "RATicket.MsRcIncident",
			Invitation: sample.Invitation{User: "kmensah", Password: "X8NBD4KTR7JW", Minutes: 30, Copy: true, Seed: 6}},
		{id: "jane-again", mail: mail.Address{Name: "Jane Doe", Address: "jane.doe@example.org"}, lang: "en",
			subject:    "Outlook keeps asking for my password - new invitation",
			text:       "I had to restart, so the first invitation is dead. Here is a new one, same problem.\n\nJane\n",
			file:       "RATicket.MsRcIncident",
			Invitation: sample.Invitation{User: "jdoe", Password: "C2QTX6MWK9PF", Certificate: true, Seed: 7}},
		{id: "mateo", mail: mail.Address{Name: "Mateo García Núñez", Address: "mateo.garcia@example.org"}, lang: "en",
			subject:    "Two monitors, one picture",
			text:       "Docking station swapped yesterday; now both screens show the same. No hurry.\n\nMateo\n",
			file:       "Invitación.msrcIncident",
			Invitation: sample.Invitation{User: "mgarcia", Password: "ZP3XC8BWT5NK", Seed: 8}},
	}
}

func others() []person {
	return []person{
		{id: "juergen", mail: mail.Address{Name: "Jürgen Weiß", Address: "juergen.weiss@example.org"}, lang: "de",
			subject: "Drucker im Einkauf druckt nur leere Seiten",
			text: "Guten Morgen,\n\nder Drucker im Einkauf (3. OG) gibt seit gestern nur noch leere Seiten aus. " +
				"Toner ist neu, Papier liegt drin. Das Kennwort sage ich gern am Telefon: Durchwahl 318.\n\nViele Grüße\nJürgen Weiß\n",
			file:       "Einladung.msrcIncident",
			Invitation: sample.Invitation{User: "Jürgen Weiß", Password: "BHTX4W7QNC2M", Encoding: sample.Windows1252, Seed: 11}},
		{id: "amal", mail: mail.Address{Name: "أمل حداد", Address: "amal.haddad@example.org"}, lang: "ar",
			subject: "لا أستطيع فتح ملفات المحاسبة",
			text: "صباح الخير،\n\nمنذ تحديث الأمس لا أستطيع فتح ملفات المحاسبة على القرص المشترك (S:). " +
				"تظهر رسالة «تم رفض الوصول». سأعطيكم كلمة المرور بالهاتف، التحويلة 407.\n\nشكراً لكم\nأمل\n",
			file:       "دعوة.msrcIncident",
			Invitation: sample.Invitation{User: "أمل حداد", Password: "W9KCX3TPB6RD", Certificate: true, Seed: 12}},
		{id: "maximiliane", mail: mail.Address{
			Name: "Maximiliane-Charlotte Freifrau von Hohenstein-Oberweiler zu Untertürkheim " +
				"(Projektbüro Gebäudetechnik und Liegenschaften, Standort Stuttgart-Vaihingen)",
			Address: "maximiliane-charlotte.von-hohenstein-oberweiler@gebaeudetechnik.liegenschaften.example.org"}, lang: "de",
			subject: "Reisekostenabrechnungsformular lässt sich nicht ausfüllen: Pflichtfeld »Kostenstellenverantwortliche« " +
				"nimmt meinen Namen nicht an, da er angeblich zu lang ist",
			text:       "Sehr geehrte Damen und Herren,\n\nsiehe Betreff. Kürzer kann ich leider nicht heißen.\n\nM.-C. v. H.-O.\n",
			file:       "RATicket.MsRcIncident",
			Invitation: sample.Invitation{User: "hohenstein-oberweiler.maximiliane-charlotte", Password: "T2FNXK8RQ5WC", Seed: 13}},
		{id: "lin", mail: mail.Address{Name: "林薇 Lin Wei", Address: "lin.wei@example.org"}, lang: "en",
			subject:    "Excel crashes with the quarterly sheet",
			text:       "It crashes about a minute after opening, every time since the last update. I can show it right away.\n\nLin\n",
			file:       "Invitation.msrcIncident",
			Invitation: sample.Invitation{User: "lin.wei", Password: "D6QXJ4KNT8BP", Encoding: sample.UTF8BOM, Seed: 14}},
		{id: "elif", folder: "Elif Yılmaz", file: "Davet.msrcIncident",
			Invitation: sample.Invitation{User: "Elif Yılmaz", Password: "NC7RX2BWQ4TK", Certificate: true, Seed: 15}},
		{id: "anna", folder: "anna", file: "Einladung.msrcIncident",
			Invitation: sample.Invitation{User: "Anna", Password: "PX5KT9DQW3NB", Minutes: 180, Copy: true, Seed: 16}},
	}
}

// volunteers send what lies ready, whenever the reader lets them.
func volunteers() []person {
	return []person{
		{id: "kim", mail: mail.Address{Name: "Kim Larsen", Address: "kim.larsen@example.org"}, lang: "en",
			subject: "Sent by hand", text: "You mailed this one yourself.\n\nKim\n", file: "Invitation.msrcIncident",
			Invitation: sample.Invitation{User: "klarsen", Password: "J3WNX7TCB5QK", Certificate: true, Seed: 21}},
		{id: "lea", mail: mail.Address{Name: "Léa Brunner", Address: "lea.brunner@example.org"}, lang: "de",
			subject: "Von Hand geschickt", text: "Diese Einladung haben Sie selbst abgeschickt.\n\nLéa\n", file: "Einladung.msrcIncident",
			Invitation: sample.Invitation{User: "lbrunner", Password: "Q8BXD4MKR2WT", Minutes: 20, Seed: 22}},
		{id: "noah", file: "noah.msrcIncident",
			Invitation: sample.Invitation{User: "Noah", Password: "H6TKX9NCW3RP", Seed: 23}},
		{id: "zoe", file: "zoe.msrcIncident", xp: true,
			Invitation: sample.Invitation{User: "Zoë", Minutes: 15, Endpoints: []string{"10.20.4.8:3389", "zoe-pc:3389"}, Seed: 24}},
	}
}
