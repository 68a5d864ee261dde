-- Tickets, claims, and how they came to be: the same tables as with SQLite, with
-- the same rules. Times are Unix milliseconds, UTC.

-- +goose Up

-- Text is compared byte by byte, whatever language the server was set up for.
CREATE DOMAIN words AS TEXT COLLATE "C";

-- Who writes locks this empty table until his transaction is over: all writers
-- of all processes take turns, so that revisions, claim numbers and the log's
-- chain come in the order of the commits.
CREATE TABLE turn ();

-- The last transaction of each writing connection, stored by that transaction
-- itself: a writer whose commit got no answer finds out here what became of it.
CREATE TABLE mark (
	writer words PRIMARY KEY,
	number BIGINT NOT NULL CHECK (number >= 0),
	seen   TIMESTAMPTZ NOT NULL DEFAULT now()
) WITH (fillfactor = 20);

-- Who has what only one process may have at a time, until when by this server's
-- clock. The fence grows with every change of hands.
CREATE TABLE lease (
	name    words PRIMARY KEY CHECK (name <> ''),
	holder  words NOT NULL CHECK (holder <> ''),
	who     words NOT NULL,                      -- the same for people
	fence   BIGINT NOT NULL CHECK (fence > 0),
	expires TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 20);

-- Halves of keys. Leave what is in it out of dumps:
-- pg_dump --exclude-table-data='*.half'
CREATE TABLE half (
	place BIGINT PRIMARY KEY CHECK (place >= 0),
	value BYTEA NOT NULL CHECK (length(value) = 32)
);

CREATE TABLE meta (
	one        BIGINT PRIMARY KEY CHECK (one = 1),
	revision   BIGINT NOT NULL CHECK (revision >= 0),
	tickets    BIGINT NOT NULL CHECK (tickets >= 0),
	events     BIGINT NOT NULL CHECK (events >= 0),
	tip        BYTEA NOT NULL CHECK (length(tip) = 32),
	closed     BIGINT NOT NULL DEFAULT 0,
	withdrawn  BIGINT NOT NULL DEFAULT 0,
	expired    BIGINT NOT NULL DEFAULT 0,
	superseded BIGINT NOT NULL DEFAULT 0,
	refused    BIGINT NOT NULL DEFAULT 0,
	key_check  BYTEA
) WITH (fillfactor = 20);
INSERT INTO meta (one, revision, tickets, events, tip) VALUES (1, 0, 0, 0, decode(repeat('00', 32), 'hex'));

CREATE TABLE ticket (
	id                BIGINT PRIMARY KEY CHECK (id > 0),
	state             words NOT NULL CHECK (state IN ('waiting', 'claimed', 'quarantined',
	                      'closed', 'withdrawn', 'expired', 'superseded', 'refused')),
	kind              words NOT NULL CHECK (kind IN ('file', 'code', 'offer', 'easyconnect')),
	format            words NOT NULL,
	inv_key           BYTEA CHECK (length(inv_key) = 32),
	user_key          words NOT NULL,
	user_name         words NOT NULL,
	user_address      words NOT NULL,
	user_phone        words NOT NULL,
	claimed_name      words NOT NULL,
	note              words NOT NULL,
	flags             words NOT NULL,
	password_required BIGINT NOT NULL CHECK (password_required IN (0, 1)),
	endpoints         words NOT NULL,
	size              BIGINT NOT NULL CHECK (size >= 0),
	start_at          BIGINT NOT NULL,
	waiting_since     BIGINT NOT NULL,
	queued_at         BIGINT NOT NULL,
	expires_at        BIGINT NOT NULL,
	claims            BIGINT NOT NULL CHECK (claims >= 0),
	claim             BIGINT,
	reserved_for      words NOT NULL,
	reserved_until    BIGINT,
	supersedes        BIGINT,
	superseded_by     BIGINT,
	outcome           words NOT NULL CHECK (outcome IN ('', 'solved', 'unsolved', 'no-answer', 'misuse')),
	end_note          words NOT NULL,
	ended_at          BIGINT,
	due_at            BIGINT,
	revision          BIGINT NOT NULL CHECK (revision > 0),
	CHECK ((state = 'claimed') = (claim IS NOT NULL)),
	CHECK (claim IS NULL OR claim = claims),
	CHECK ((state IN ('waiting', 'claimed', 'quarantined')) = (ended_at IS NULL)),
	CHECK (ended_at IS NULL OR size = 0),
	CHECK ((ended_at IS NULL) = (due_at IS NOT NULL)),
	CHECK ((reserved_for <> '') = (reserved_until IS NOT NULL)),
	CHECK (reserved_until IS NULL OR state = 'waiting'),
	CHECK ((outcome <> '') = (state = 'closed')),
	CHECK ((superseded_by IS NOT NULL) = (state = 'superseded'))
);

CREATE UNIQUE INDEX ticket_key ON ticket (inv_key) WHERE inv_key IS NOT NULL;
CREATE UNIQUE INDEX ticket_revision ON ticket (revision);
CREATE UNIQUE INDEX ticket_waiting ON ticket (user_key) WHERE state = 'waiting' AND user_key <> '';
CREATE INDEX ticket_kin ON ticket (user_key) WHERE state IN ('waiting', 'claimed') AND user_key <> '';
CREATE INDEX ticket_line ON ticket (state, waiting_since, id);
CREATE INDEX ticket_due ON ticket (due_at) WHERE due_at IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION ticket_absorbs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'nothing leads out of an end';
END $$;
-- +goose StatementEnd
CREATE TRIGGER ticket_absorbs BEFORE UPDATE ON ticket FOR EACH ROW
WHEN (OLD.ended_at IS NOT NULL AND NEW.state <> OLD.state) EXECUTE FUNCTION ticket_absorbs();
-- +goose StatementBegin
CREATE FUNCTION ticket_fence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'claim numbers and revisions only grow';
END $$;
-- +goose StatementEnd
CREATE TRIGGER ticket_fence BEFORE UPDATE ON ticket FOR EACH ROW
WHEN (NEW.claims < OLD.claims OR NEW.revision < OLD.revision) EXECUTE FUNCTION ticket_fence();

CREATE TABLE claim (
	ticket       BIGINT NOT NULL REFERENCES ticket (id),
	number       BIGINT NOT NULL CHECK (number > 0),
	holder       words NOT NULL CHECK (holder <> ''),
	since        BIGINT NOT NULL,
	lease_until  BIGINT NOT NULL,
	fetched_at   BIGINT,
	connected_at BIGINT,
	ended_at     BIGINT,
	PRIMARY KEY (ticket, number)
);
ALTER TABLE ticket ADD FOREIGN KEY (id, claim) REFERENCES claim (ticket, number);

CREATE UNIQUE INDEX claim_open ON claim (ticket) WHERE ended_at IS NULL;

-- +goose StatementBegin
CREATE FUNCTION claim_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'a claim that has ended stays as it is';
END $$;
-- +goose StatementEnd
CREATE TRIGGER claim_ends BEFORE UPDATE ON claim FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION claim_ends();

CREATE TABLE arrival (
	ticket BIGINT NOT NULL REFERENCES ticket (id),
	number BIGINT NOT NULL CHECK (number > 0),
	source words NOT NULL CHECK (source <> ''),
	at     BIGINT NOT NULL,
	sender words NOT NULL,
	PRIMARY KEY (ticket, number)
);

CREATE TABLE payload (
	ticket  BIGINT PRIMARY KEY REFERENCES ticket (id),
	wrapped BYTEA NOT NULL CHECK (length(wrapped) > 0),
	body    BYTEA NOT NULL CHECK (length(body) > 0)
);

CREATE TABLE ledger (
	seq     BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	source  words NOT NULL CHECK (source <> ''),
	item    words NOT NULL CHECK (item <> ''),
	outcome words NOT NULL CHECK (outcome IN ('queued', 'repeated', 'expired', 'refused', 'ignored')),
	refusal words NOT NULL,
	at      BIGINT NOT NULL,
	tickets words NOT NULL,
	let_go  BIGINT NOT NULL CHECK (let_go IN (0, 1)),
	CHECK (outcome <> 'refused' OR refusal <> ''),
	UNIQUE (source, item)
);
CREATE INDEX ledger_held ON ledger (source, seq) WHERE let_go = 0;

CREATE TABLE position (
	source words PRIMARY KEY CHECK (source <> ''),
	mark   words NOT NULL
);

CREATE TABLE refusal (
	id      BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	source  words NOT NULL CHECK (source <> ''),
	item    words NOT NULL CHECK (item <> ''),
	sender  words NOT NULL,
	at      BIGINT NOT NULL,
	code    words NOT NULL CHECK (code <> ''),
	message words NOT NULL,
	UNIQUE (source, item)
);

CREATE TABLE source_state (
	name         words PRIMARY KEY CHECK (name <> ''),
	state        words NOT NULL CHECK (state IN ('ok', 'late', 'failing', 'gone')),
	mode         words NOT NULL,
	since        BIGINT NOT NULL,
	last_success BIGINT,
	last_error   words NOT NULL,
	next_try     BIGINT,
	period_ms    BIGINT NOT NULL CHECK (period_ms >= 0),
	seen         BIGINT NOT NULL,
	queued       BIGINT NOT NULL,
	repeated     BIGINT NOT NULL,
	refused      BIGINT NOT NULL,
	ignored      BIGINT NOT NULL,
	pending      BIGINT NOT NULL
);

CREATE TABLE event (
	seq    BIGINT PRIMARY KEY CHECK (seq > 0),
	ticket BIGINT NOT NULL,
	at     BIGINT NOT NULL,
	kind   words NOT NULL CHECK (kind <> ''),
	person words NOT NULL,
	claim  BIGINT NOT NULL CHECK (claim >= 0),
	other  words NOT NULL,
	note   words NOT NULL,
	before BYTEA NOT NULL CHECK (length(before) = 32)
);
CREATE INDEX event_ticket ON event (ticket, seq);

-- +goose StatementBegin
CREATE FUNCTION event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'events are never changed';
END $$;
-- +goose StatementEnd
CREATE TRIGGER event_stays BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION event_stays();

-- +goose StatementBegin
CREATE FUNCTION event_remains() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'events are never removed';
END $$;
-- +goose StatementEnd
CREATE TRIGGER event_remains BEFORE DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_remains();
