-- +goose Up

CREATE TABLE clock (
	one  BIGINT PRIMARY KEY CHECK (one = 1),
	high BIGINT NOT NULL
);
INSERT INTO clock (one, high) VALUES (1, 0);
