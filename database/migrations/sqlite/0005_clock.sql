-- +goose Up

-- The latest moment that the queue has acted by, so that what has expired
-- stays expired when the computer's clock is set back.
CREATE TABLE clock (
	one  INTEGER PRIMARY KEY CHECK (one = 1),
	high INTEGER NOT NULL
) STRICT;
INSERT INTO clock (one, high) VALUES (1, 0);
