-- +goose Up
-- How often somebody wanted a source to be looked at now, by whoever watches it.
CREATE TABLE wish (
	source TEXT PRIMARY KEY CHECK (source <> ''),
	times  INTEGER NOT NULL CHECK (times > 0)
) STRICT, WITHOUT ROWID;
