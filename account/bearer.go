package account

import (
	"database/sql"

	"inviter/database"
)

// bearer is a live secret and the account it lets in.
type bearer struct {
	row
	secret  int64 // the secret's row
	kind    kind
	created int64
	used    sql.NullInt64
	expires sql.NullInt64
}

// insertSecret gives an account a new secret. expires 0 is never. Secrets that
// are out of date go on this occasion.
func insertSecret(tx *database.Tx, account int64, k kind, hash []byte, now, expires int64) error {
	if _, err := tx.Exec(`DELETE FROM account_secret WHERE expires <= ?`, now); err != nil {
		return err
	}
	_, err := tx.Exec(`
		INSERT INTO account_secret (account, kind, hash, created, expires) VALUES (?, ?, ?, ?, ?)`,
		account, string(k), hash, now, sql.NullInt64{Int64: expires, Valid: expires != 0})
	return err
}

// bearerOf finds who a secret lets in. ok is false for an unknown or revoked
// secret, and for one past its absolute expiry.
func bearerOf(tx *database.Tx, hash []byte, now int64) (b bearer, ok bool, err error) {
	err = tx.Row(`
		SELECT a.id, a.name, a.role, a.disabled IS NOT NULL, s.id, s.kind, s.created, s.used, s.expires
		FROM account_secret s JOIN account a ON a.id = s.account WHERE s.hash = ?`, hash).
		Scan(&b.id, &b.name, &b.role, &b.disabled, &b.secret, &b.kind, &b.created, &b.used, &b.expires)
	if none(err) {
		return bearer{}, false, nil
	}
	dead := b.disabled || b.expires.Valid && now >= b.expires.Int64
	return b, err == nil && !dead, err
}

// lastUsed is when the secret was used, and before its first use when it was made.
func (b bearer) lastUsed() int64 {
	if b.used.Valid {
		return b.used.Int64
	}
	return b.created
}

func touch(tx *database.Tx, secret, now int64) error {
	_, err := tx.Exec(`UPDATE account_secret SET used = ? WHERE id = ?`, now, secret)
	return err
}

func deleteSecret(tx *database.Tx, secret int64) error {
	_, err := tx.Exec(`DELETE FROM account_secret WHERE id = ?`, secret)
	return err
}
