-- +goose Up
-- The history, the latest end first.
CREATE INDEX ticket_ended ON ticket (ended_at, id) WHERE ended_at IS NOT NULL;
