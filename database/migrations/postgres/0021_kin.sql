-- +goose Up
-- A user's other tickets, which each claim and each expiry looks for. An index
-- that begins with the state, as SQLite needs it, is read here from end to end
-- for each user: a look at one ticket took as many steps as tickets were open.
DROP INDEX ticket_kin;
CREATE INDEX ticket_kin ON ticket (user_key) WHERE state IN ('waiting', 'claimed') AND user_key <> '';
