-- +goose Up

CREATE TABLE refused_item (
	refusal BIGINT PRIMARY KEY REFERENCES refusal (id),
	size    BIGINT NOT NULL CHECK (size >= 0),
	wrapped BYTEA NOT NULL CHECK (length(wrapped) > 0),
	body    BYTEA NOT NULL CHECK (length(body) > 0)
);
CREATE INDEX refused_item_size ON refused_item (size);
