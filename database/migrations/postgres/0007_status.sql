-- +goose Up

CREATE TABLE status (
	ticket BIGINT PRIMARY KEY REFERENCES ticket (id),
	salt   BYTEA NOT NULL CHECK (length(salt) = 16),
	hash   BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32)
);
