-- +goose Up

CREATE TABLE guest (
	hash    BYTEA PRIMARY KEY CHECK (length(hash) = 32),
	name    words NOT NULL,
	address words NOT NULL,
	ends_at BIGINT NOT NULL
);
CREATE INDEX guest_ends ON guest (ends_at);
