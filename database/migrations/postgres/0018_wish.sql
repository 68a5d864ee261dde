-- +goose Up
-- How often somebody wanted a source to be looked at now, by whoever watches it.
CREATE TABLE wish (
	source words PRIMARY KEY CHECK (source <> ''),
	times  BIGINT NOT NULL CHECK (times > 0)
);
