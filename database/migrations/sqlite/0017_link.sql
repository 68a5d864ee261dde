-- +goose Up

-- Support links. Secret and digits are made of the key file and salt; here are
-- only their hashes, the digits' under the key: there are but a million of them.
CREATE TABLE link (
	id         INTEGER PRIMARY KEY,
	owner      TEXT NOT NULL CHECK (owner <> ''),
	note       TEXT NOT NULL,
	salt       BLOB NOT NULL CHECK (length(salt) = 16),
	hash       BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	digits     BLOB CHECK (length(digits) = 32), -- NULL once others may have them
	made_at    INTEGER NOT NULL,
	expires_at INTEGER NOT NULL CHECK (expires_at > made_at),
	computer   BLOB CHECK (length(computer) = 32), -- SHA-256 of what the bound computer keeps
	bound_at   INTEGER,
	asked_at   INTEGER,
	handed_at  INTEGER,
	closed_at  INTEGER,
	closed_by  TEXT NOT NULL,
	ticket     INTEGER, -- of the latest invitation that it brought
	once       TEXT NOT NULL, -- the request that made it, '' where it may be sent again
	print      BLOB NOT NULL,
	revision   INTEGER NOT NULL, -- of the queue, when it changed last
	CHECK ((computer IS NULL) = (bound_at IS NULL)),
	CHECK (handed_at IS NULL OR bound_at IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX link_digits ON link (digits) WHERE digits IS NOT NULL;
CREATE UNIQUE INDEX link_once ON link (owner, once) WHERE once <> '';
CREATE INDEX link_owner ON link (owner, id);
CREATE INDEX link_revision ON link (revision);
