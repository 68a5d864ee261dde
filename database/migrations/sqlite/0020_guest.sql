-- +goose Up

-- People whom the single sign-on provider knows and who have no account here:
-- they may ask for help. Their tokens are known by their hash alone.
CREATE TABLE guest (
	hash    BLOB PRIMARY KEY CHECK (length(hash) = 32),
	name    TEXT NOT NULL,
	address TEXT NOT NULL, -- '' unless the provider says that it is proven
	ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX guest_ends ON guest (ends_at);
