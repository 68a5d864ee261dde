-- +goose Up

-- What lets users see their own tickets. The secret is made of the key file,
-- the ticket's number and salt; here is only its SHA-256, to find the ticket by.
CREATE TABLE status (
	ticket INTEGER PRIMARY KEY REFERENCES ticket (id),
	salt   BLOB NOT NULL CHECK (length(salt) = 16),
	hash   BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)
) STRICT;
