-- +goose Up
-- What nobody claimed in time, the latest first.
CREATE INDEX ticket_missed ON ticket (ended_at, id) WHERE state = 'expired' AND claims = 0;
