-- +goose Up
-- What the hourly purge looks for, so that a long history doesn't hold up the
-- writer while nothing in it is old enough. Few rows stand in these: refusals,
-- and notices that are about no ticket.
CREATE INDEX refusal_at ON refusal (at);
CREATE INDEX outbox_loose ON outbox (at) WHERE ticket IS NULL AND state <> 'pending';
