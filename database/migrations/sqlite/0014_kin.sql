-- +goose Up
-- A user's other tickets, which each submit looks for, and those that claim the
-- same address. It begins with the state like the line's index, which was
-- chosen before it and led through everybody who waits: a backlog of n mails
-- took n² steps.
DROP INDEX ticket_kin;
CREATE INDEX ticket_kin ON ticket (state, user_key) WHERE state IN ('waiting', 'claimed') AND user_key <> '';
