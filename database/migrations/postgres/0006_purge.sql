-- +goose Up

CREATE TABLE purged (
	inv_key BYTEA PRIMARY KEY CHECK (length(inv_key) = 32),
	ticket  BIGINT NOT NULL
);

CREATE TABLE log_start (
	one  BIGINT PRIMARY KEY CHECK (one = 1),
	seq  BIGINT NOT NULL CHECK (seq >= 0),
	hash BYTEA NOT NULL CHECK (length(hash) = 32)
);
INSERT INTO log_start (one, seq, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

-- +goose StatementBegin
CREATE FUNCTION log_start_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'what was purged stays so';
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_start_grows BEFORE UPDATE ON log_start FOR EACH ROW WHEN (NEW.seq < OLD.seq) EXECUTE FUNCTION log_start_grows();

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION event_remains() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.seq > (SELECT seq FROM log_start) THEN
		RAISE EXCEPTION 'events are never removed, but from the log''s beginning';
	END IF;
	RETURN OLD;
END $$;
-- +goose StatementEnd
