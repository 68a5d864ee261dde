-- +goose Up

-- Whom a single sign-on provider vouches for, and which account is his. The
-- pair names a person for ever; the name he goes by may change.
CREATE TABLE account_identity (
	issuer  TEXT    NOT NULL CHECK (issuer <> ''),
	subject TEXT    NOT NULL CHECK (subject <> ''),
	account INTEGER NOT NULL REFERENCES account (id),
	PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX account_identity_account ON account_identity (account);

-- +goose Down
DROP TABLE account_identity;
