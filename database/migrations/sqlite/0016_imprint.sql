-- +goose Up

-- What a refused delivery is, whatever it is called: a mailbox that loses its
-- numbers calls its mails anew. NULL where nothing tells.
ALTER TABLE ledger ADD COLUMN imprint BLOB CHECK (length(imprint) = 32);
CREATE INDEX ledger_imprint ON ledger (source, imprint) WHERE imprint IS NOT NULL;
