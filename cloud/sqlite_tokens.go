package cloud

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

func (r *sqlite) AddAPIToken(ctx context.Context, hash []byte, name string, created, expires time.Time) error {
	err := r.writer.applyChange(ctx, func(tx *writeTx) error {
		if taken, err := isThere(tx, `SELECT 1 FROM tokens WHERE name = ?`, name); err != nil || taken {
			return errors.Join(err, ErrNameTaken)
		}
		_, err := tx.exec(`INSERT INTO api_tokens (hash, name, created, expires) VALUES (?, ?, ?, ?)`,
			hash, name, created.UnixMilli(), expires.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("adding an API token: %w", err)
	}
	return nil
}

// isThere reports whether a query has a row.
func isThere(tx *writeTx, query string, args ...any) (bool, error) {
	var n int
	err := tx.queryRow(query, args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (r *sqlite) APIToken(ctx context.Context, hash []byte, now time.Time) (string, error) {
	var name string
	err := r.reader.queryRow(ctx, `SELECT name FROM api_tokens WHERE hash = ? AND expires > ?`, hash, now.UnixMilli()).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("looking an API token up: %w", err)
	}
	return name, nil
}

func (r *sqlite) APITokens(ctx context.Context) ([]APIToken, error) {
	scan := func(r rowScanner) (t APIToken, err error) {
		var created, expires int64
		if err := r.Scan(&t.Name, &created, &expires); err != nil {
			return t, fmt.Errorf("reading an API token: %w", err)
		}
		t.Created, t.Expires = fromMillis(created), fromMillis(expires)
		return t, nil
	}
	return queryAll(ctx, r.reader, scan, `SELECT name, created, expires FROM api_tokens ORDER BY name, created`)
}

func (r *sqlite) Revoke(ctx context.Context, name string, scouts bool, at time.Time) (Revoked, error) {
	var ended Revoked
	err := r.writer.applyChange(ctx, func(tx *writeTx) error {
		ended = Revoked{}
		tokens, err := tx.exec(`DELETE FROM api_tokens WHERE name = ?`, name)
		if err != nil {
			return err
		}
		if scouts {
			if ended.Scouts, err = removeScouts(tx, `token IN (SELECT hash FROM tokens WHERE `+bundleName+` = ?)`, name, at); err != nil {
				return err
			}
		}
		bundles, err := revokeBundle(tx, name, at)
		ended.Tokens = int(tokens) + bundles
		if err != nil || ended == (Revoked{}) {
			return err
		}
		return countWithdrawal(tx)
	})
	if err != nil {
		return Revoked{}, fmt.Errorf("revoking a token: %w", err)
	}
	return ended, nil
}

// countWithdrawal makes every server that runs on the registry check who is
// still known, and who is approved.
func countWithdrawal(tx *writeTx) error {
	_, err := tx.exec(`UPDATE withdrawals SET n = n + 1`)
	return err
}

func (r *sqlite) Withdrawals(ctx context.Context) (n int64, err error) {
	if err := r.reader.queryRow(ctx, `SELECT n FROM withdrawals`).Scan(&n); err != nil {
		return 0, fmt.Errorf("asking what was withdrawn or approved: %w", err)
	}
	return n, nil
}
