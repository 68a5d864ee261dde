-- +goose Up

-- Who may log in. A disabled account stays, so that its name in old events
-- keeps its meaning and is never given to somebody else.
CREATE TABLE account (
	id           INTEGER PRIMARY KEY,
	name         TEXT    NOT NULL CHECK (name <> ''),
	folded       TEXT    NOT NULL UNIQUE,              -- the name without regard to case and width
	role         TEXT    NOT NULL CHECK (role IN ('viewer', 'technician', 'lead', 'auditor', 'admin', 'intake')),
	password     TEXT    NOT NULL DEFAULT '',          -- argon2id in PHC form; '' = only links and tokens let in
	created      INTEGER NOT NULL,                     -- times are Unix milliseconds
	disabled     INTEGER,
	last_sign_in INTEGER,
	CHECK (role <> 'intake' OR password = '')
) STRICT;

-- What lets a bearer in, known by its SHA-256 only. A row is a live secret:
-- revoking, using up and disabling delete it.
CREATE TABLE account_secret (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,         -- never used twice: pages name secrets by it
	account INTEGER NOT NULL REFERENCES account (id),
	kind    TEXT    NOT NULL CHECK (kind IN ('session', 'link', 'api', 'intake')),
	hash    BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
	created INTEGER NOT NULL,
	used    INTEGER,                                   -- last use, coarsely
	expires INTEGER,                                   -- absolute; NULL = until revoked
	CHECK (kind IN ('api', 'intake') OR expires IS NOT NULL)
) STRICT;

CREATE INDEX account_secret_account ON account_secret (account, kind, id);
CREATE INDEX account_secret_expires ON account_secret (expires) WHERE expires IS NOT NULL;

-- +goose Down
DROP TABLE account_secret;
DROP TABLE account;
