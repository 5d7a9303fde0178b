package cloud

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

func (r *sqlite) AddToken(ctx context.Context, hash []byte, created, expires time.Time) error {
	_, err := r.changeRow(ctx, "adding a token", `INSERT INTO tokens (hash, created, expires) VALUES (?, ?, ?)`,
		hash, created.UnixMilli(), expires.UnixMilli())
	return err
}

// bundleID is the name of a bundle: eight digits are enough to tell the unused
// ones apart, and far too few to find the token.
const bundleID = `'bundle-' || lower(substr(hex(hash), 1, 8))`

func (r *sqlite) Bundles(ctx context.Context, now time.Time) ([]Bundle, error) {
	scan := func(r rowScanner) (b Bundle, err error) {
		var created, expires int64
		if err := r.Scan(&b.ID, &created, &expires); err != nil {
			return b, fmt.Errorf("reading a bundle: %w", err)
		}
		b.Created, b.Expires = fromMillis(created), fromMillis(expires)
		return b, nil
	}
	return queryAll(ctx, r.reader, scan, `SELECT `+bundleID+`, created, expires FROM tokens
		WHERE scout IS NULL AND expires > ? ORDER BY created DESC, hash`, now.UnixMilli())
}

func (r *sqlite) AddAPIToken(ctx context.Context, hash []byte, name string, created, expires time.Time) error {
	_, err := r.changeRow(ctx, "adding an API token", `INSERT INTO api_tokens (hash, name, created, expires) VALUES (?, ?, ?, ?)`,
		hash, name, created.UnixMilli(), expires.UnixMilli())
	return err
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

func (r *sqlite) Revoke(ctx context.Context, nameOrID string) (int, error) {
	var n int64
	err := r.writer.applyChange(ctx, func(tx *writeTx) error {
		tokens, err := tx.exec(`DELETE FROM api_tokens WHERE name = ?`, nameOrID)
		if err != nil {
			return err
		}
		bundles, err := tx.exec(`DELETE FROM tokens WHERE scout IS NULL AND `+bundleID+` = ?`, nameOrID)
		if n = tokens + bundles; err != nil || n == 0 {
			return err
		}
		return countWithdrawal(tx)
	})
	if err != nil {
		return 0, fmt.Errorf("revoking a token: %w", err)
	}
	return int(n), nil
}

// countWithdrawal makes every server that runs on the registry check who is
// still known.
func countWithdrawal(tx *writeTx) error {
	_, err := tx.exec(`UPDATE withdrawals SET n = n + 1`)
	return err
}

func (r *sqlite) Withdrawals(ctx context.Context) (n int64, err error) {
	if err := r.reader.queryRow(ctx, `SELECT n FROM withdrawals`).Scan(&n); err != nil {
		return 0, fmt.Errorf("asking what was withdrawn: %w", err)
	}
	return n, nil
}
