package postoffice_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Clients that hang up in the middle of IDLE, as watchers do when they end,
// disturb nobody. Under the race detector this is about Close beside Idle.
func TestHangingUpWhileIdle(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	for range 50 {
		c, _ := enter(t, off, "INBOX")
		if _, err := c.Idle(); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	send(t, off, mail("after them"))
	if got := subjects(t, off, "INBOX"); got != "1:after them" {
		t.Errorf("the inbox holds %q", got)
	}
}

func TestIdleTellsOfNewMail(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	counts := make(chan uint32, 10)
	gone := make(chan uint32, 10)
	c := login(t, off, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				counts <- *d.NumMessages
			}
		},
		Expunge: func(seq uint32) { gone <- seq },
	}})
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	idle, err := c.Idle()
	if err != nil {
		t.Fatal(err)
	}
	send(t, off, mail("a"))
	send(t, off, mail("b"))
	for _, want := range []uint32{1, 2} {
		if got := wait(t, counts); got != want {
			t.Errorf("told of %d mails, want %d", got, want)
		}
	}
	other, _ := enter(t, off, "INBOX")
	create(t, other, "Done")
	if _, err := other.Move(imap.UIDSetNum(1), "Done").Wait(); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, gone); got != 1 {
		t.Errorf("told that %d is gone, want 1", got)
	}
	if err := errors.Join(idle.Close(), idle.Wait()); err != nil {
		t.Errorf("end of IDLE: %v", err)
	}
	if err := c.Noop().Wait(); err != nil {
		t.Errorf("after IDLE: %v", err)
	}
}

// wait takes what comes next, within the test's patience.
func wait(t *testing.T, c <-chan uint32) uint32 {
	t.Helper()
	select {
	case n := <-c:
		return n
	case <-time.After(patience):
		t.Fatal("nothing came")
		return 0
	}
}

func create(t *testing.T, c *imapclient.Client, folder string) {
	t.Helper()
	if err := c.Create(folder, nil).Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestMove(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	for _, s := range []string{"a", "b", "c", "d", "e"} {
		send(t, off, mail(s))
	}
	var expunged []uint32
	c := login(t, off, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Expunge: func(seq uint32) { expunged = append(expunged, seq) },
	}})
	if !c.Caps().Has(imap.CapMove) || !c.Caps().Has(imap.CapUIDPlus) {
		t.Errorf("offers %v", c.Caps())
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Move(imap.UIDSetNum(1), "Nowhere").Wait(); !has(err, imap.ResponseCodeTryCreate) {
		t.Errorf("move to a folder that isn't there: %v", err)
	}
	create(t, c, "Done")
	data, err := c.Move(imap.UIDSetNum(2, 3, 5, 99), "Done").Wait()
	if err != nil {
		t.Fatal(err)
	}
	if got := data.SourceUIDs.(imap.UIDSet).String() + " " + data.DestUIDs.(imap.UIDSet).String(); got != "2:3,5 1:3" {
		t.Errorf("COPYUID %s", got)
	}
	if err := c.Noop().Wait(); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(expunged, []uint32{5, 3, 2}) {
		t.Errorf("told that %v are gone", expunged)
	}
	if got := subjects(t, off, "INBOX") + " | " + subjects(t, off, "Done"); got != "1:a 4:d | 1:b 2:c 3:e" {
		t.Errorf("after the move: %s", got)
	}
	if data, err := c.Move(imap.UIDSetNum(2), "Done").Wait(); err != nil || data.SourceUIDs != nil {
		t.Errorf("move of what isn't there: %+v, %v", data, err)
	}
	if _, err := c.Move(imap.UIDSetNum(1), "INBOX").Wait(); err == nil {
		t.Error("moved to where it is")
	}
	m := fetch(t, c, imap.SeqSet{{Start: 2, Stop: 2}}, &imap.FetchOptions{UID: true})
	if len(m) != 1 || m[0].uid != 4 {
		t.Errorf("number 2 is now %+v", m)
	}
}

func has(err error, code imap.ResponseCode) bool {
	var e *imap.Error
	return errors.As(err, &e) && e.Code == code
}

func TestFlagsCopyAndExpunge(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	for _, s := range []string{"a", "b", "c"} {
		send(t, off, mail(s))
	}
	c, _ := enter(t, off, "INBOX")
	create(t, c, "Kept")
	if _, err := c.Copy(imap.UIDSetNum(1, 3), "Kept").Wait(); err != nil {
		t.Fatal(err)
	}
	store := func(op imap.StoreFlagsOp, uid imap.UID, flags ...imap.Flag) []imap.Flag {
		msgs, err := c.Store(imap.UIDSetNum(uid), &imap.StoreFlags{Op: op, Flags: flags}, nil).Collect()
		if err != nil || len(msgs) != 1 {
			t.Fatalf("store: %v, %d answers", err, len(msgs))
		}
		return msgs[0].Flags
	}
	if got := store(imap.StoreFlagsAdd, 1, imap.FlagSeen, "$A", "$a", `\Recent`); !slices.Equal(got, []imap.Flag{"$A", imap.FlagSeen}) {
		t.Errorf("added: %v", got)
	}
	if got := store(imap.StoreFlagsDel, 1, `\seen`); !slices.Equal(got, []imap.Flag{"$A"}) {
		t.Errorf("removed: %v", got)
	}
	if got := store(imap.StoreFlagsSet, 1, imap.FlagDeleted); !slices.Equal(got, []imap.Flag{imap.FlagDeleted}) {
		t.Errorf("set: %v", got)
	}
	store(imap.StoreFlagsAdd, 3, imap.FlagDeleted)
	if err := c.UIDExpunge(imap.UIDSetNum(2, 3)).Close(); err != nil {
		t.Fatal(err)
	}
	if got := subjects(t, off, "INBOX") + " | " + subjects(t, off, "Kept"); got != "1:a 2:b | 1:a 2:c" {
		t.Errorf("after expunge of 3: %s", got)
	}
	if m := fetch(t, c, imap.UIDSetNum(2), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}}); len(m) != 1 || !slices.Contains(m[0].flags, imap.FlagSeen) {
		t.Errorf("reading without PEEK: %+v", m)
	}
}

func TestReadOnlyFolderIsNotChanged(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	send(t, off, mail("a"))
	c := login(t, off, nil)
	create(t, c, "Done")
	if _, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		t.Fatal(err)
	}
	if err := c.Store(imap.UIDSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err == nil {
		t.Error("STORE works")
	}
	if _, err := c.Move(imap.UIDSetNum(1), "Done").Wait(); err == nil {
		t.Error("MOVE works")
	}
	m := fetch(t, c, imap.UIDSetNum(1), &imap.FetchOptions{Flags: true, BodySection: []*imap.FetchItemBodySection{{}}})
	if len(m) != 1 || len(m[0].flags) != 0 {
		t.Errorf("reading changed flags: %+v", m)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	c, _ := enter(t, off, "INBOX")
	appendMail(t, c, "Date: Mon, 04 May 2026 10:00:00 +0000\r\n"+mail("red"), noon, imap.FlagSeen)
	appendMail(t, c, mail("green"), noon.AddDate(0, 0, 1))
	appendMail(t, c, mail("blue")+strings.Repeat("x", 3000), noon.AddDate(0, 0, 2))
	day := noon.Truncate(24 * time.Hour)
	for name, k := range map[string]struct {
		criteria imap.SearchCriteria
		want     []imap.UID
	}{
		"all":         {imap.SearchCriteria{}, []imap.UID{1, 2, 3}},
		"uid":         {imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 2, Stop: 0}}}}, []imap.UID{2, 3}},
		"beyond":      {imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 9, Stop: 0}}}}, []imap.UID{3}}, // RFC 3501: 9:* is 3:9
		"seq":         {imap.SearchCriteria{SeqNum: []imap.SeqSet{imap.SeqSetNum(1, 3)}}, []imap.UID{1, 3}},
		"flag":        {imap.SearchCriteria{Flag: []imap.Flag{imap.FlagSeen}}, []imap.UID{1}},
		"no flag":     {imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, []imap.UID{2, 3}},
		"larger":      {imap.SearchCriteria{Larger: 3000}, []imap.UID{3}},
		"smaller":     {imap.SearchCriteria{Smaller: 3000}, []imap.UID{1, 2}},
		"since":       {imap.SearchCriteria{Since: day.AddDate(0, 0, 1)}, []imap.UID{2, 3}},
		"before":      {imap.SearchCriteria{Before: day.AddDate(0, 0, 1)}, []imap.UID{1}},
		"sent":        {imap.SearchCriteria{SentSince: day}, []imap.UID{1}},
		"sent before": {imap.SearchCriteria{SentBefore: day}, nil},
		"header":      {imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "subject", Value: "GRE"}}}, []imap.UID{2}},
		"has header":  {imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Date"}}}, []imap.UID{1}},
		"text":        {imap.SearchCriteria{Text: []string{"jane@"}}, []imap.UID{1, 2, 3}},
		"body":        {imap.SearchCriteria{Body: []string{"jane@"}}, nil},
		"in body":     {imap.SearchCriteria{Body: []string{"hello BLUE"}}, []imap.UID{3}},
		"not":         {imap.SearchCriteria{Not: []imap.SearchCriteria{{Body: []string{"red"}}}}, []imap.UID{2, 3}},
		"or":          {imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{{Body: []string{"red"}}, {Body: []string{"blue"}}}}}, []imap.UID{1, 3}},
		"and":         {imap.SearchCriteria{Larger: 10, Body: []string{"red"}, Flag: []imap.Flag{imap.FlagFlagged}}, nil},
	} {
		data, err := c.UIDSearch(&k.criteria, nil).Wait()
		if err != nil || !slices.Equal(data.AllUIDs(), k.want) {
			t.Errorf("%s: %v, %v, want %v", name, data.AllUIDs(), err, k.want)
		}
	}
	data, err := c.Search(&imap.SearchCriteria{Flag: []imap.Flag{"$None"}}, nil).Wait()
	if err != nil || len(data.AllSeqNums()) != 0 {
		t.Errorf("search for nothing: %v, %v", data, err)
	}
}

func appendMail(t *testing.T, c *imapclient.Client, text string, at time.Time, flags ...imap.Flag) {
	t.Helper()
	cmd := c.Append("INBOX", int64(len(text)), &imap.AppendOptions{Flags: flags, Time: at})
	if _, err := cmd.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestFolders(t *testing.T) {
	t.Parallel()
	off := open(t, t.TempDir())
	send(t, off, mail("a"))
	c := login(t, off, nil)
	for _, name := range []string{"Inviter/Processed", "Müll & Söhne", "100%25", strings.Repeat("n", 200)} {
		create(t, c, name)
		if err := c.Create(name, nil).Wait(); !has(err, imap.ResponseCodeAlreadyExists) {
			t.Errorf("create %.20q twice: %v", name, err)
		}
	}
	for _, name := range []string{"..", ".", "../../x", "/etc", "a//b", "inbox", "", "a\nb", "a\x00b", strings.Repeat("n", 201)} {
		if err := c.Create(name, nil).Wait(); err == nil && name != "inbox" {
			t.Errorf("%q may be a folder", name)
		}
	}
	list, err := c.List("", "*", &imap.ListOptions{ReturnStatus: &imap.StatusOptions{NumMessages: true}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range list {
		names = append(names, l.Mailbox)
	}
	if want := []string{"100%25", "INBOX", "Inviter/Processed", "Müll & Söhne", strings.Repeat("n", 200)}; !slices.Equal(names, want) {
		t.Errorf("folders %q", names)
	}
	st, err := c.Status("INBOX", &imap.StatusOptions{NumMessages: true, UIDNext: true, UIDValidity: true, NumUnseen: true, Size: true}).Wait()
	if err != nil || *st.NumMessages != 1 || *st.NumUnseen != 1 || st.UIDNext != 2 || st.UIDValidity == 0 || *st.Size < 100 {
		t.Errorf("status %+v, %v", st, err)
	}
	if err := c.Delete("Inviter/Processed").Wait(); !has(err, imap.ResponseCodeCannot) {
		t.Errorf("delete: %v", err)
	}
	if ns, err := c.Namespace().Wait(); err != nil || len(ns.Personal) != 1 || ns.Personal[0].Delim != '/' {
		t.Errorf("namespace: %+v, %v", ns, err)
	}
}
