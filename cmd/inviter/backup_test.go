package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

func (o office) data(name string) string { return filepath.Join(o.dir, "data", name) }

// moved is an office on another computer: nothing of the first but its key.
func (o office) moved(t *testing.T) office {
	t.Helper()
	there := newOffice(t, "", "")
	if err := os.MkdirAll(there.data(""), 0o700); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(o.data("inviter.key"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, there.data("inviter.key"), string(key))
	return there
}

func TestBackupVerifyRestore(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	server, url := o.serve(t)
	ada := o.api(t, url, "ada")
	file := o.drop(t, "jane", 1)
	id := ada.waiting(t, 1)[0]
	inviter.Must(t, "technician", "add", "grace", "--config", o.config) // her log-in link is in the backup
	backup := filepath.Join(o.dir, "now.backup")
	inviter.Must(t, "backup", backup, "--config", o.config)
	if st, err := os.Stat(backup); err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", st, err)
	}
	if r := inviter.Do(t, "backup", backup, "--config", o.config); r.Code != 1 || !strings.Contains(r.Err, "such a file already") {
		t.Errorf("over another: exit %d, %s", r.Code, r.Err)
	}
	if out := inviter.Must(t, "verify", "--config", o.config); !strings.Contains(out, "1 tickets") || !strings.Contains(out, ": ok") {
		t.Error(out)
	}
	if r := inviter.Do(t, "restore", backup, "--config", o.config); r.Code != 1 || !strings.Contains(r.Err, "end it first") {
		t.Errorf("beside a server: exit %d, %s", r.Code, r.Err)
	}
	server.Stop(t)

	out := inviter.Must(t, "restore", backup, "--json", "--config", o.config)
	var done restored
	if err := json.Unmarshal([]byte(out), &done); err != nil || done.Open != 1 || done.LogIns == 0 || done.Key != "fits" || done.Replaced == nil {
		t.Fatalf("%v, %s", err, out)
	}
	inviter.Must(t, "verify", "--config", o.config)
	server, ada.url = o.serve(t)
	ada.url += "/api/v1"
	path := fmt.Sprintf("/tickets/%d", id)
	number := ada.do(t, "POST", path+"/claim", "").Claim.Number
	got := ada.do(t, "POST", path+"/invitation", fmt.Sprintf(`{"claim":%d}`, number))
	if got.Status != 200 || !bytes.Equal(got.Body, file) {
		t.Errorf("an open ticket's file: %d, %.200s", got.Status, got.Body)
	}
	if got := ada.do(t, "POST", path+"/close", fmt.Sprintf(`{"claim":%d,"outcome":"solved"}`, number)); got.Status != 200 {
		t.Fatalf("close: %s", got.Body)
	}
	server.Stop(t)

	// The ticket has ended: the old backup and the key open its file no more, here or elsewhere.
	for _, at := range []office{o, o.moved(t)} {
		inviter.Must(t, "restore", backup, "--config", at.config)
		server, ada.url = at.serve(t, "--no-watch")
		ada.url += "/api/v1"
		number := ada.do(t, "POST", path+"/claim", "").Claim.Number
		got := ada.do(t, "POST", path+"/invitation", fmt.Sprintf(`{"claim":%d}`, number))
		if got.Status != 404 || !strings.Contains(string(got.Body), "send the invitation once more") {
			t.Errorf("the file of a ticket that has ended: %d, %.200s", got.Status, got.Body)
		}
		server.Stop(t)
		inviter.Must(t, "verify", "--config", at.config)
	}
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	inviter.Must(t, "technician", "add", "ada", "--config", o.config)
	backup := filepath.Join(o.dir, "good")
	inviter.Must(t, "backup", backup, "--config", o.config)
	good, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	statement := func(query string) func(string) {
		return func(file string) {
			db, err := sql.Open("sqlite", "file:"+file)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(query); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		name  string
		spoil func(file string)
		says  string
	}{
		{"nothing", func(file string) { _ = os.Remove(file) }, "no such file"},
		{"empty", func(file string) { write(t, file, "") }, "no database of inviter's"},
		{"text", func(file string) { write(t, file, strings.Repeat("no database ", 1000)) }, "no database of inviter's"},
		{"half", func(file string) { write(t, file, string(good[:len(good)/2])) }, "damaged"},
		{"newer", statement("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"), "newer version"},
		{"changed log", statement("INSERT INTO event VALUES (1, 1, 1, 'claimed', 'eve', 1, '', '', zeroblob(32))"), "nothing was restored"},
		{"another key", statement("UPDATE meta SET key_check = zeroblob(32)"), "the key file is not this database's"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "backup")
			write(t, file, string(good))
			tt.spoil(file)
			before, err := os.ReadFile(o.data("inviter.db"))
			if err != nil {
				t.Fatal(err)
			}
			r := inviter.Do(t, "restore", file, "--config", o.config)
			if r.Code != 1 || !strings.Contains(r.Err, tt.says) || strings.Count(r.Err, "\n") != 1 {
				t.Errorf("exit %d: %s", r.Code, r.Err)
			}
			after, err := os.ReadFile(o.data("inviter.db"))
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("the database was touched: %v", err)
			}
			if left, _ := filepath.Glob(o.data(".restore-*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestVerifyTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "", "")
	if r := inviter.Do(t, "verify", "--config", o.config); r.Code != 1 || !strings.Contains(r.Err, "no such file") {
		t.Errorf("without a database: exit %d, %s", r.Code, r.Err)
	}
	inviter.Must(t, "technician", "list", "--config", o.config)
	db, err := sql.Open("sqlite", "file:"+o.data("inviter.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("UPDATE meta SET closed = 7"); err != nil {
		t.Fatal(err)
	}
	r := inviter.Do(t, "verify", "--json", "--config", o.config)
	var got verified
	if err := json.Unmarshal([]byte(r.Out), &got); err != nil || r.Code != 1 || got.OK || len(got.Problems) != 1 {
		t.Errorf("exit %d, %v: %s", r.Code, err, r.Out)
	}
	if r := inviter.Do(t, "verify", "--config", o.config); r.Code != 1 || !strings.Contains(r.Out, "WRONG  0 tickets are closed, but 7 were counted") {
		t.Errorf("exit %d: %s", r.Code, r.Out)
	}
}
