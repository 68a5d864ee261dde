-- +goose Up
DROP INDEX ticket_kin;
CREATE INDEX ticket_kin ON ticket (state, user_key) WHERE state IN ('waiting', 'claimed') AND user_key <> '';
