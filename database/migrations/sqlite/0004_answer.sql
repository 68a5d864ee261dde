-- +goose Up

-- What requests with an Idempotency-Key were answered, for a day. A row
-- without a status: the verb is done, its answer was not stored before the
-- program ended.
CREATE TABLE answer (
	seq      INTEGER PRIMARY KEY,
	account  TEXT NOT NULL CHECK (account <> ''),
	key      TEXT NOT NULL CHECK (key <> ''),
	print    BLOB NOT NULL CHECK (length(print) = 32), -- of the request, to tell another one with the same key
	at       INTEGER NOT NULL,
	ticket   INTEGER,                                  -- which the verb changed
	status   INTEGER,
	type     TEXT NOT NULL DEFAULT '',
	location TEXT NOT NULL DEFAULT '',
	language TEXT NOT NULL DEFAULT '',
	body     BLOB NOT NULL DEFAULT x'' CHECK (length(body) <= 65536),
	UNIQUE (account, key),
	CHECK (ticket IS NOT NULL OR status IS NOT NULL)
) STRICT;
CREATE INDEX answer_at ON answer (at);
CREATE INDEX answer_account ON answer (account, seq);
