-- +goose Up

-- Invitations whose tickets were purged, so that none is taken for a new one.
CREATE TABLE purged (
	inv_key BLOB PRIMARY KEY CHECK (length(inv_key) = 32),
	ticket  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Where the log begins: the last event that was purged, and its hash, on which
-- the first one that is left stands.
CREATE TABLE log_start (
	one  INTEGER PRIMARY KEY CHECK (one = 1),
	seq  INTEGER NOT NULL CHECK (seq >= 0),
	hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO log_start (one, seq, hash) VALUES (1, 0, zeroblob(32));

-- +goose StatementBegin
CREATE TRIGGER log_start_grows BEFORE UPDATE ON log_start
WHEN NEW.seq < OLD.seq
BEGIN
	SELECT RAISE(ABORT, 'what was purged stays so');
END;
-- +goose StatementEnd

DROP TRIGGER event_remains;
-- +goose StatementBegin
CREATE TRIGGER event_remains BEFORE DELETE ON event
WHEN OLD.seq > (SELECT seq FROM log_start)
BEGIN
	SELECT RAISE(ABORT, 'events are never removed, but from the log''s beginning');
END;
-- +goose StatementEnd
