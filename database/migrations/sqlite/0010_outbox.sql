-- +goose Up

-- To whom what became of a ticket is said by mail. No row: to nobody.
CREATE TABLE reply (
	ticket     INTEGER PRIMARY KEY REFERENCES ticket (id),
	address    TEXT NOT NULL CHECK (address <> ''),
	message_id TEXT NOT NULL,
	subject    TEXT NOT NULL,
	language   TEXT NOT NULL
) STRICT;

-- Mails and webhook calls, each written in the transaction of its cause and
-- sent afterwards.
CREATE TABLE outbox (
	id        INTEGER PRIMARY KEY,
	cause     TEXT NOT NULL UNIQUE CHECK (cause <> ''), -- so nothing is said twice
	kind      TEXT NOT NULL CHECK (kind <> ''),
	ticket    INTEGER,
	hook      TEXT NOT NULL,                            -- '' for a mail
	recipient TEXT NOT NULL,                            -- of a mail, in lower case
	content   TEXT NOT NULL,                            -- JSON; '' once it is done
	at        INTEGER NOT NULL,
	state     TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'dropped')),
	tries     INTEGER NOT NULL CHECK (tries >= 0),
	tried_at  INTEGER,
	next_at   INTEGER,
	error     TEXT NOT NULL,
	CHECK ((state = 'pending') = (next_at IS NOT NULL)),
	CHECK ((state = 'pending') = (content <> '')),
	CHECK ((hook = '') = (recipient <> ''))
) STRICT;
CREATE INDEX outbox_due ON outbox (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX outbox_recipient ON outbox (recipient, at) WHERE recipient <> '';
CREATE INDEX outbox_tried ON outbox (tried_at) WHERE tried_at IS NOT NULL;
CREATE INDEX outbox_ticket ON outbox (ticket) WHERE ticket IS NOT NULL;

-- Sources that other systems were told are down. number counts how often they
-- went up or down.
CREATE TABLE source_alarm (
	source TEXT PRIMARY KEY CHECK (source <> ''),
	down   INTEGER NOT NULL CHECK (down IN (0, 1)),
	number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
