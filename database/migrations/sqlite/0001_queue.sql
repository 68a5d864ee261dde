-- Tickets, claims, and how they came to be. Times are Unix milliseconds, UTC.
-- What must always hold is written here once more as CHECKs, unique indexes and
-- triggers, so that not even a faulty program can store a wrong state.

-- +goose Up

-- The queue's counters, one row: who changes a ticket changes this row too.
CREATE TABLE meta (
	one        INTEGER PRIMARY KEY CHECK (one = 1),
	revision   INTEGER NOT NULL CHECK (revision >= 0), -- given to a ticket with each change, never twice
	tickets    INTEGER NOT NULL CHECK (tickets >= 0),  -- the highest ticket number given
	events     INTEGER NOT NULL CHECK (events >= 0),   -- seq of the last event
	tip        BLOB NOT NULL CHECK (length(tip) = 32), -- its hash
	closed     INTEGER NOT NULL DEFAULT 0,             -- how many tickets ended so
	withdrawn  INTEGER NOT NULL DEFAULT 0,
	expired    INTEGER NOT NULL DEFAULT 0,
	superseded INTEGER NOT NULL DEFAULT 0,
	refused    INTEGER NOT NULL DEFAULT 0,
	key_check  BLOB                                    -- tells whether a key file is ours
) STRICT;
INSERT INTO meta (one, revision, tickets, events, tip) VALUES (1, 0, 0, 0, zeroblob(32));

CREATE TABLE ticket (
	id                INTEGER PRIMARY KEY CHECK (id > 0),
	state             TEXT NOT NULL CHECK (state IN ('waiting', 'claimed', 'quarantined',
	                      'closed', 'withdrawn', 'expired', 'superseded', 'refused')),
	kind              TEXT NOT NULL CHECK (kind IN ('file', 'code', 'offer', 'easyconnect')),
	format            TEXT NOT NULL,
	inv_key           BLOB CHECK (length(inv_key) = 32), -- NULL where there is no file
	user_key          TEXT NOT NULL,                     -- '': nothing tells who it is
	user_name         TEXT NOT NULL,
	user_address      TEXT NOT NULL,
	user_phone        TEXT NOT NULL,
	claimed_name      TEXT NOT NULL,
	note              TEXT NOT NULL,
	flags             TEXT NOT NULL,                     -- with a blank between
	password_required INTEGER NOT NULL CHECK (password_required IN (0, 1)),
	endpoints         TEXT NOT NULL,                     -- JSON
	size              INTEGER NOT NULL CHECK (size >= 0),
	start_at          INTEGER NOT NULL,
	waiting_since     INTEGER NOT NULL,
	queued_at         INTEGER NOT NULL,
	expires_at        INTEGER NOT NULL,
	claims            INTEGER NOT NULL CHECK (claims >= 0),
	claim             INTEGER,                           -- number of the open claim
	reserved_for      TEXT NOT NULL,
	reserved_until    INTEGER,
	supersedes        INTEGER,
	superseded_by     INTEGER,
	outcome           TEXT NOT NULL CHECK (outcome IN ('', 'solved', 'unsolved', 'no-answer', 'misuse')),
	end_note          TEXT NOT NULL,
	ended_at          INTEGER,
	due_at            INTEGER,                           -- when the clock has to act next
	revision          INTEGER NOT NULL CHECK (revision > 0),
	FOREIGN KEY (id, claim) REFERENCES claim (ticket, number),
	CHECK ((state = 'claimed') = (claim IS NOT NULL)),
	CHECK (claim IS NULL OR claim = claims),
	CHECK ((state IN ('waiting', 'claimed', 'quarantined')) = (ended_at IS NULL)),
	CHECK (ended_at IS NULL OR size = 0),                -- wiped
	CHECK ((ended_at IS NULL) = (due_at IS NOT NULL)),   -- what is open ends some day
	CHECK ((reserved_for <> '') = (reserved_until IS NOT NULL)),
	CHECK (reserved_until IS NULL OR state = 'waiting'),
	CHECK ((outcome <> '') = (state = 'closed')),
	CHECK ((superseded_by IS NOT NULL) = (state = 'superseded'))
) STRICT;

CREATE UNIQUE INDEX ticket_key ON ticket (inv_key) WHERE inv_key IS NOT NULL;
CREATE UNIQUE INDEX ticket_revision ON ticket (revision);
-- At most one waiting ticket a user.
CREATE UNIQUE INDEX ticket_waiting ON ticket (user_key) WHERE state = 'waiting' AND user_key <> '';
-- Those that a verb on another ticket of the same user must see.
CREATE INDEX ticket_kin ON ticket (user_key) WHERE state IN ('waiting', 'claimed') AND user_key <> '';
-- The line, and the same for every other state.
CREATE INDEX ticket_line ON ticket (state, waiting_since, id);
-- The clock's next work.
CREATE INDEX ticket_due ON ticket (due_at) WHERE due_at IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER ticket_absorbs BEFORE UPDATE ON ticket
WHEN OLD.ended_at IS NOT NULL AND NEW.state <> OLD.state
BEGIN
	SELECT RAISE(ABORT, 'nothing leads out of an end');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ticket_fence BEFORE UPDATE ON ticket
WHEN NEW.claims < OLD.claims OR NEW.revision < OLD.revision
BEGIN
	SELECT RAISE(ABORT, 'claim numbers and revisions only grow');
END;
-- +goose StatementEnd

CREATE TABLE claim (
	ticket       INTEGER NOT NULL REFERENCES ticket (id),
	number       INTEGER NOT NULL CHECK (number > 0),
	holder       TEXT NOT NULL CHECK (holder <> ''),
	since        INTEGER NOT NULL,
	lease_until  INTEGER NOT NULL,
	fetched_at   INTEGER,
	connected_at INTEGER,
	ended_at     INTEGER,
	PRIMARY KEY (ticket, number)
) STRICT, WITHOUT ROWID;

-- One open claim a ticket.
CREATE UNIQUE INDEX claim_open ON claim (ticket) WHERE ended_at IS NULL;

-- +goose StatementBegin
CREATE TRIGGER claim_ends BEFORE UPDATE ON claim
WHEN OLD.ended_at IS NOT NULL
BEGIN
	SELECT RAISE(ABORT, 'a claim that has ended stays as it is');
END;
-- +goose StatementEnd

-- Deliveries of a ticket's invitation, the first and every further one.
CREATE TABLE arrival (
	ticket INTEGER NOT NULL REFERENCES ticket (id),
	number INTEGER NOT NULL CHECK (number > 0),
	source TEXT NOT NULL CHECK (source <> ''),
	at     INTEGER NOT NULL,
	sender TEXT NOT NULL,
	PRIMARY KEY (ticket, number)
) STRICT, WITHOUT ROWID;

-- Invitation files, encrypted; gone when their ticket ends.
CREATE TABLE payload (
	ticket  INTEGER PRIMARY KEY REFERENCES ticket (id),
	wrapped BLOB NOT NULL CHECK (length(wrapped) > 0), -- the file's own key, under the key file's
	body    BLOB NOT NULL CHECK (length(body) > 0)     -- the file, under its own key
) STRICT;

-- What every source has delivered, so that nothing counts twice.
CREATE TABLE ledger (
	seq     INTEGER PRIMARY KEY,
	source  TEXT NOT NULL CHECK (source <> ''),
	item    TEXT NOT NULL CHECK (item <> ''),
	outcome TEXT NOT NULL CHECK (outcome IN ('queued', 'repeated', 'expired', 'refused', 'ignored')),
	refusal TEXT NOT NULL,
	at      INTEGER NOT NULL,
	tickets TEXT NOT NULL,                             -- their numbers, with a blank between
	let_go  INTEGER NOT NULL CHECK (let_go IN (0, 1)),
	CHECK (outcome <> 'refused' OR refusal <> ''),
	UNIQUE (source, item)
) STRICT;
CREATE INDEX ledger_held ON ledger (source, seq) WHERE let_go = 0;

-- How far a source has come, in its own words.
CREATE TABLE position (
	source TEXT PRIMARY KEY CHECK (source <> ''),
	mark   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What intake could not use.
CREATE TABLE refusal (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	source  TEXT NOT NULL CHECK (source <> ''),
	item    TEXT NOT NULL CHECK (item <> ''),
	sender  TEXT NOT NULL,
	at      INTEGER NOT NULL,
	code    TEXT NOT NULL CHECK (code <> ''),
	message TEXT NOT NULL,
	UNIQUE (source, item)
) STRICT;

CREATE TABLE source_state (
	name         TEXT PRIMARY KEY CHECK (name <> ''),
	state        TEXT NOT NULL CHECK (state IN ('ok', 'late', 'failing', 'gone')),
	mode         TEXT NOT NULL,
	since        INTEGER NOT NULL,
	last_success INTEGER,
	last_error   TEXT NOT NULL,
	next_try     INTEGER,
	period_ms    INTEGER NOT NULL CHECK (period_ms >= 0),
	seen         INTEGER NOT NULL,
	queued       INTEGER NOT NULL,
	repeated     INTEGER NOT NULL,
	refused      INTEGER NOT NULL,
	ignored      INTEGER NOT NULL,
	pending      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The log of all that happened to tickets. Rows are only ever added; each
-- carries the hash of the row before, and meta.tip that of the last.
CREATE TABLE event (
	seq    INTEGER PRIMARY KEY CHECK (seq > 0),
	ticket INTEGER NOT NULL,
	at     INTEGER NOT NULL,
	kind   TEXT NOT NULL CHECK (kind <> ''),
	person TEXT NOT NULL,
	claim  INTEGER NOT NULL CHECK (claim >= 0),
	other  TEXT NOT NULL,
	note   TEXT NOT NULL,
	before BLOB NOT NULL CHECK (length(before) = 32)
) STRICT;
CREATE INDEX event_ticket ON event (ticket, seq);

-- +goose StatementBegin
CREATE TRIGGER event_stays BEFORE UPDATE ON event
BEGIN
	SELECT RAISE(ABORT, 'events are never changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER event_remains BEFORE DELETE ON event
BEGIN
	SELECT RAISE(ABORT, 'events are never removed');
END;
-- +goose StatementEnd
