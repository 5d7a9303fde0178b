package cloud

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// bundleName is the name of a bundle. Eight digits of the hash are enough to
// tell bundles without a label apart, and far too few to find the token.
const bundleName = `CASE name WHEN '' THEN 'bundle-' || lower(substr(hex(hash), 1, 8)) ELSE name END`

func (r *sqlite) AddBundle(ctx context.Context, hash []byte, b Bundle) error {
	err := r.writer.applyChange(ctx, func(tx *writeTx) error {
		if b.Name != "" {
			taken, err := isThere(tx, `SELECT 1 FROM tokens WHERE name = ?1 UNION SELECT 1 FROM api_tokens WHERE name = ?1`, b.Name)
			if err != nil || taken {
				return errors.Join(err, ErrNameTaken)
			}
		}
		_, err := tx.exec(`INSERT INTO tokens (hash, name, uses, created, expires) VALUES (?, ?, ?, ?, ?)`,
			hash, b.Name, b.Uses, b.Created.UnixMilli(), b.Expires.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("adding a bundle: %w", err)
	}
	return nil
}

func (r *sqlite) Bundles(ctx context.Context, now time.Time) ([]Bundle, error) {
	scan := func(r rowScanner) (b Bundle, err error) {
		var created, expires, revoked int64
		if err := r.Scan(&b.Name, &b.Uses, &b.Used, &created, &expires, &revoked, &b.Scouts, &b.Pending); err != nil {
			return b, fmt.Errorf("reading a bundle: %w", err)
		}
		b.Created, b.Expires, b.Revoked = fromMillis(created), fromMillis(expires), fromMillis(revoked)
		return b, nil
	}
	return queryAll(ctx, r.reader, scan, `SELECT `+bundleName+`, uses, used, created, expires, revoked,
			(SELECT count(*) FROM scouts WHERE token = hash AND removed = 0) AS here,
			(SELECT count(*) FROM scouts WHERE token = hash AND removed = 0 AND approved = 0)
		FROM tokens WHERE used < uses AND revoked = 0 AND expires > ? OR uses > 1 AND here > 0 ORDER BY created DESC, hash`, now.UnixMilli())
}

// revokeBundle revokes the bundle of a name, if there is one. One that was
// never used leaves nothing behind.
func revokeBundle(tx *writeTx, name string, at time.Time) (int, error) {
	unused, err := tx.exec(`DELETE FROM tokens WHERE used = 0 AND `+bundleName+` = ?`, name)
	if err != nil {
		return 0, err
	}
	used, err := tx.exec(`UPDATE tokens SET revoked = ? WHERE revoked = 0 AND `+bundleName+` = ?`, at.UnixMilli(), name)
	return int(unused + used), err
}
