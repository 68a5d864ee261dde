-- +goose Up
-- What came within a time, for reports.
CREATE INDEX ticket_queued ON ticket (queued_at);
