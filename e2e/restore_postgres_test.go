package e2e_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"inviter/e2e/private"
)

// What pg_restore brings back is made ready by inviter restore: who was logged in
// then isn't any more, and no number is given twice.
func TestRestoreOnPostgres(t *testing.T) {
	t.Parallel()
	db := private.StartPostgreSQL(t)
	first := newHelpdesk(t)
	h := first.beside(t, db.URL(), "")
	server := h.serveAlone()
	ada := h.technician("ada", "technician")
	link := h.must("inviter", "technician", "add", "grace") // prints a log-in link
	hand := func(seed int64) ticketView {
		return ada.wants(http.StatusCreated, http.MethodPost, "/tickets", invite(seed, "user").RA2()).ticket(t)
	}
	open := hand(1)
	const dump = "inviter.dump" // in the server's own folder
	db.Run("pg_dump", "--format=custom", "--exclude-table-data=*.half", "--file="+dump, db.URL())
	since := hand(2)
	url := db.NewDatabase()
	db.Run("pg_restore", "--dbname="+url, dump)

	if r := h.run("inviter", "restore"); r.code != 1 || !strings.Contains(r.err, "end it first") {
		t.Errorf("while it is served: exit %d %s", r.code, r.err)
	}
	server.Stop()
	back := first.beside(t, url, "")
	if r := back.run("inviter", "restore", dump); r.code != 1 || !strings.Contains(r.err, "without a file") {
		t.Errorf("with a file: exit %d %s", r.code, r.err)
	}
	eventually(t, "the clock's lease in the dump to end", func() error {
		r := back.run("inviter", "restore")
		if r.code == 0 && (!strings.Contains(r.out, "1 tickets, 1 of them open") || !strings.Contains(r.out, "has to log in again")) {
			t.Error(r.out)
		}
		if r.code != 0 {
			return errors.New(r.err)
		}
		return nil
	})
	back.serveAlone()
	ada.url = back.url
	next := hand(2)
	if next.ID <= since.ID || ada.tickets("waiting")[0].ID != open.ID {
		t.Errorf("number %d is given after %d", next.ID, since.ID)
	}
	if n := strings.TrimSpace(db.Run("psql", "-X", "-A", "-t", "-d", url, "-c", "SELECT count(*) FROM account_secret WHERE kind IN ('session', 'link')")); n != "0" {
		t.Errorf("%s log-ins or links are left of %s", n, link)
	}
	if out := back.must("inviter", "verify"); !strings.Contains(out, ": ok") {
		t.Error(out)
	}
}
