-- +goose Up

-- Users and team that know each other, see ticket.Trust. Gone when either side
-- revokes it, or 180 days after it was last used.
CREATE TABLE trust (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	user_key     TEXT NOT NULL UNIQUE CHECK (user_key <> ''),
	user_name    TEXT NOT NULL,
	user_address TEXT NOT NULL,
	user_phone   TEXT NOT NULL,
	since        INTEGER NOT NULL,
	used         INTEGER NOT NULL CHECK (used >= since),
	ticket       INTEGER NOT NULL, -- the first help; it may be purged
	helper       TEXT NOT NULL     -- who gave it
) STRICT;
CREATE INDEX trust_used ON trust (used);
