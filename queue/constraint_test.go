package queue_test

import (
	"strings"
	"testing"
	"time"

	"inviter/database/databasetest"
)

// TestDatabaseRefusesWrongStates says by hand what no verb says.
func TestDatabaseRefusesWrongStates(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	d.wait("jane@example.org", "waits")                          // 1
	d.must(d.Claim(ctx, d.wait("bob@example.org", "held"), ada)) // 2
	d.clock.pass(time.Second)
	d.wait("bob@example.org", "newer")           // 3, under first refusal
	d.must(d.Withdraw(ctx, d.wait("", "ended"))) // 4
	db := d.raw()
	tests := []struct{ says, query string }{
		{"CHECK", "UPDATE ticket SET state = 'open' WHERE id = 1"},
		{"CHECK", "UPDATE ticket SET state = 'claimed' WHERE id = 1"},
		{"CHECK", "UPDATE ticket SET state = 'waiting' WHERE id = 2"},
		{"CHECK", "UPDATE ticket SET claim = NULL WHERE id = 2"},
		{"CHECK", "UPDATE ticket SET claims = 2 WHERE id = 2"},
		{"CHECK", "UPDATE ticket SET state = 'closed' WHERE id = 1"},
		{"CHECK", "UPDATE ticket SET state = 'closed', ended_at = 1, due_at = NULL, size = 0 WHERE id = 1"},
		{"CHECK", "UPDATE ticket SET outcome = 'solved' WHERE id = 1"},
		{"CHECK", "UPDATE ticket SET state = 'expired', ended_at = 1, due_at = NULL WHERE id = 1"},
		{"CHECK", "UPDATE ticket SET state = 'superseded', ended_at = 1, due_at = NULL, size = 0 WHERE id = 1"},
		{"CHECK", "UPDATE ticket SET reserved_for = '' WHERE id = 3"},
		{"CHECK", "UPDATE ticket SET state = 'quarantined' WHERE id = 3"},
		{"CHECK", "UPDATE ticket SET inv_key = x'01' WHERE id = 1"},
		{"CHECK", "UPDATE ticket SET due_at = NULL WHERE id = 1"},
		{"UNIQUE", "UPDATE ticket SET user_key = 'bob@example.org' WHERE id = 1"},
		{"UNIQUE", "UPDATE ticket SET inv_key = (SELECT inv_key FROM ticket WHERE id = 2) WHERE id = 1"},
		{"UNIQUE", "UPDATE ticket SET revision = (SELECT max(revision) FROM ticket) WHERE id = 1"},
		{"FOREIGN KEY", "UPDATE ticket SET state = 'claimed', claims = 1, claim = 1 WHERE id = 1"},
		{"FOREIGN KEY", "DELETE FROM ticket WHERE id = 2"},
		{"cannot store TEXT", "UPDATE ticket SET expires_at = 'tomorrow' WHERE id = 1"},
		{"nothing leads out", "UPDATE ticket SET state = 'waiting', ended_at = NULL, due_at = 1 WHERE id = 4"},
		{"nothing leads out", "UPDATE ticket SET state = 'expired' WHERE id = 4"},
		{"only grow", "UPDATE ticket SET claims = 0 WHERE id = 2"},
		{"only grow", "UPDATE ticket SET revision = 1 WHERE id = 2"},
		{"UNIQUE", "INSERT INTO claim (ticket, number, holder, since, lease_until) VALUES (2, 2, 'eve', 1, 2)"},
		{"CHECK", "INSERT INTO claim (ticket, number, holder, since, lease_until) VALUES (1, 1, '', 1, 2)"},
		{"FOREIGN KEY", "INSERT INTO payload (ticket, wrapped, body) VALUES (99, x'00', x'00')"},
		{"UNIQUE", "INSERT INTO ledger (source, item, outcome, refusal, at, tickets, let_go) SELECT source, item, outcome, refusal, at, tickets, let_go FROM ledger"},
		{"CHECK", "UPDATE ledger SET outcome = 'lost'"},
		{"never changed", "UPDATE event SET person = 'eve'"},
		{"never removed", "DELETE FROM event"},
		{"CHECK", "INSERT INTO meta (one, revision, tickets, events, tip) VALUES (2, 0, 0, 0, zeroblob(32))"},
	}
	for _, tt := range tests {
		if _, err := db.Exec(tt.query); err == nil || !strings.Contains(err.Error(), databasetest.Says(tt.says)) {
			t.Errorf("%s: %v, want %s", tt.query, err, tt.says)
		}
	}
	d.sound()
}

func TestVerifyFindsWhatWasChanged(t *testing.T) {
	t.Parallel()
	const open = "DROP TRIGGER event_stays; DROP TRIGGER event_remains; DROP TRIGGER ticket_absorbs; DROP TRIGGER claim_ends; "
	tests := []struct{ says, query string }{
		{"event 2, or what it says of the one before, was changed", "UPDATE event SET person = 'eve' WHERE seq = 2"},
		{"event 1, or", "UPDATE event SET at = at + 1 WHERE seq = 1"},
		{"event 1, or", "UPDATE event SET kind = kind || other, other = '' WHERE seq = 1"}, // the same bytes, in other fields
		{"event 2, or", "UPDATE event SET before = zeroblob(32) WHERE seq = 3"},
		{"last event, 4, was changed", "UPDATE event SET note = 'x' WHERE seq = 4"},
		{"events 2 to 2 are missing", "DELETE FROM event WHERE seq = 2"},
		{"but 4 were written", "DELETE FROM event WHERE seq = 4"},
		{"but 4 were written", "INSERT INTO event SELECT 5, ticket, at, kind, person, claim, other, note, before FROM event WHERE seq = 4"},
		{"claim is not open", "UPDATE claim SET ended_at = 1 WHERE ticket = 1"},
		{"has an open claim", "UPDATE ticket SET state = 'waiting', claim = NULL WHERE id = 1"},
		{"was not wiped", "INSERT INTO payload (ticket, wrapped, body) VALUES (2, x'00', x'00')"},
		{"file is gone", "DELETE FROM payload"},
		{"never arrived", "DELETE FROM arrival WHERE ticket = 2"},
		{"not given yet", "UPDATE meta SET revision = 1"},
		{"superseded by one that is not there", "UPDATE ticket SET superseded_by = 77, state = 'superseded' WHERE id = 2"},
		{"1 were counted", "UPDATE ticket SET state = 'expired' WHERE id = 2"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			d, ctx := newDesk(t), t.Context()
			d.must(d.Claim(ctx, d.wait("", "a"), ada))
			d.must(d.Withdraw(ctx, d.wait("", "b")))
			d.sound()
			if _, err := d.raw().Exec(open + tt.query); err != nil {
				t.Fatal(err)
			}
			found, err := d.Verify(ctx)
			if err != nil || !strings.Contains(strings.Join(found, "\n"), tt.says) {
				t.Errorf("found %q, want %q, %v", found, tt.says, err)
			}
		})
	}
}
