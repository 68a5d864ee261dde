-- +goose Up

CREATE TABLE trace (
	source words NOT NULL CHECK (source <> ''),
	place  BYTEA NOT NULL CHECK (length(place) > 0),
	ticket BIGINT NOT NULL,
	home   words NOT NULL,
	told   BIGINT NOT NULL,
	PRIMARY KEY (source, place, ticket)
);
CREATE INDEX trace_ticket ON trace (ticket);
