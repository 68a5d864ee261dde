-- +goose Up

-- What stands in sources for users to see of their tickets: a row for each
-- ticket that a file or receipt there is about.
CREATE TABLE trace (
	source TEXT NOT NULL CHECK (source <> ''),
	place  BLOB NOT NULL CHECK (length(place) > 0), -- as the source calls it; file names may be any bytes
	ticket INTEGER NOT NULL,                        -- may be purged
	home   TEXT NOT NULL,                           -- the folder that it stands in
	told   INTEGER NOT NULL,                        -- the ticket's revision that it tells of
	PRIMARY KEY (source, place, ticket)
) STRICT, WITHOUT ROWID;
CREATE INDEX trace_ticket ON trace (ticket);
