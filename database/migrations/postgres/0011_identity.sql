-- +goose Up

CREATE TABLE account_identity (
	issuer  words  NOT NULL CHECK (issuer <> ''),
	subject words  NOT NULL CHECK (subject <> ''),
	account BIGINT NOT NULL REFERENCES account (id),
	PRIMARY KEY (issuer, subject)
);

CREATE INDEX account_identity_account ON account_identity (account);
