-- +goose Up

-- What was refused, as it came, encrypted: for a person to look into, and to be
-- read once more. Gone when it is dismissed or used, and the oldest of too many.
CREATE TABLE refused_item (
	refusal INTEGER PRIMARY KEY REFERENCES refusal (id),
	size    INTEGER NOT NULL CHECK (size >= 0),
	wrapped BLOB NOT NULL CHECK (length(wrapped) > 0), -- the item's own key, under the key file's
	body    BLOB NOT NULL CHECK (length(body) > 0)     -- the item and how it came, under its own key
) STRICT;
CREATE INDEX refused_item_size ON refused_item (size);
