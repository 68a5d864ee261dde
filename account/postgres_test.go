package account_test

import (
	"testing"

	"inviter/database/databasetest"
)

func TestOnPostgres(t *testing.T) {
	t.Parallel()
	databasetest.Postgres(t)
}
