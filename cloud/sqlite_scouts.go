package cloud

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

func (r *sqlite) Enroll(ctx context.Context, hash []byte, s Scout) (Scout, error) {
	enrolled := s
	err := r.writer.applyChange(ctx, func(tx *writeTx) error {
		b, err := usableBundle(tx, hash, s.Enrolled)
		if err != nil {
			return err
		}
		if enrolled, err = enrolledBefore(tx, hash, s.Sign); !errors.Is(err, ErrNotFound) {
			return err
		}
		if b.Used >= b.Uses {
			return ErrTokenUsed
		}
		approved := s.Enrolled.UnixMilli()
		if b.Uses > 1 {
			approved = 0
		}
		enrolled = s
		enrolled.Bundle, enrolled.Pending = b.Name, approved == 0
		if _, err := tx.exec(`INSERT INTO scouts (id, name, version, sign, wrap, enrolled, token, bundle, approved) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			s.ID, s.Name, s.Version, s.Sign, s.Wrap, s.Enrolled.UnixMilli(), hash, b.Name, approved); err != nil {
			return err
		}
		_, err = tx.exec(`UPDATE tokens SET used = used + 1 WHERE hash = ?`, hash)
		return err
	})
	if err != nil {
		return Scout{}, fmt.Errorf("enrolling a scout: %w", err)
	}
	return enrolled, nil
}

// usableBundle returns the bundle of a token that is neither revoked nor
// expired.
func usableBundle(tx *writeTx, hash []byte, now time.Time) (b Bundle, err error) {
	var expires, revoked int64
	err = tx.queryRow(`SELECT `+bundleName+`, uses, used, expires, revoked FROM tokens WHERE hash = ?`, hash).
		Scan(&b.Name, &b.Uses, &b.Used, &expires, &revoked)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return b, ErrTokenUnknown
	case err != nil:
		return b, fmt.Errorf("looking a token up: %w", err)
	case revoked > 0:
		return b, ErrTokenRevoked
	case now.UnixMilli() >= expires:
		return b, ErrTokenExpired
	}
	return b, nil
}

// enrolledBefore returns the scout with a key that has joined by a token
// before, or ErrNotFound: its first response was lost. Only that scout has its
// key. One that was removed since may not come back with it.
func enrolledBefore(tx *writeTx, hash, sign []byte) (Scout, error) {
	if removed, err := isThere(tx, `SELECT 1 FROM scouts WHERE token = ? AND sign = ? AND removed > 0`, hash, sign); err != nil || removed {
		return Scout{}, errors.Join(err, ErrTokenUsed)
	}
	return scanScout(tx.queryRow(selectScouts+` AND token = ? AND sign = ?`, hash, sign))
}

const selectScouts = `SELECT id, name, version, sign, wrap, enrolled, bundle, approved = 0 FROM scouts WHERE removed = 0`

func scanScout(r rowScanner) (Scout, error) {
	var s Scout
	var enrolled int64
	err := r.Scan(&s.ID, &s.Name, &s.Version, &s.Sign, &s.Wrap, &enrolled, &s.Bundle, &s.Pending)
	if errors.Is(err, sql.ErrNoRows) {
		return Scout{}, ErrNotFound
	}
	if err != nil {
		return Scout{}, fmt.Errorf("reading a scout: %w", err)
	}
	s.Enrolled = fromMillis(enrolled)
	return s, nil
}

func (r *sqlite) Scout(ctx context.Context, id string) (Scout, error) {
	return scanScout(r.reader.queryRow(ctx, selectScouts+` AND id = ?`, id))
}

func (r *sqlite) Scouts(ctx context.Context) ([]Scout, error) {
	return queryAll(ctx, r.reader, scanScout, selectScouts+` ORDER BY name, id`)
}

func (r *sqlite) RemoveScout(ctx context.Context, id string, at time.Time) error {
	err := r.writer.applyChange(ctx, func(tx *writeTx) error {
		n, err := removeScouts(tx, `id = ?`, id, at)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		return countWithdrawal(tx)
	})
	if err != nil {
		return fmt.Errorf("removing a scout: %w", err)
	}
	return nil
}

// removeScouts removes the scouts of a condition with one parameter, ends
// their unfinished orders, and returns how many they were.
func removeScouts(tx *writeTx, where, value string, at time.Time) (int, error) {
	if _, err := tx.exec(`UPDATE orders SET state = 'expired', reason = 'the scout was removed', finished = ?, pin = NULL
		WHERE state IN ('pending', 'sent') AND scout IN (SELECT id FROM scouts WHERE removed = 0 AND `+where+`)`, at.UnixMilli(), value); err != nil {
		return 0, err
	}
	n, err := tx.exec(`UPDATE scouts SET removed = ? WHERE removed = 0 AND `+where, at.UnixMilli(), value)
	return int(n), err
}

func (r *sqlite) Approve(ctx context.Context, which Approval, at time.Time) (int, error) {
	var n int
	err := r.writer.applyChange(ctx, func(tx *writeTx) (err error) {
		if n, err = approveScouts(tx, which, at); err != nil || n == 0 {
			return err
		}
		return countWithdrawal(tx)
	})
	if err != nil {
		return 0, fmt.Errorf("approving: %w", err)
	}
	return n, nil
}

func approveScouts(tx *writeTx, which Approval, at time.Time) (int, error) {
	const approve = `UPDATE scouts SET approved = ? WHERE removed = 0 AND approved = 0`
	if which.All {
		n, err := tx.exec(approve, at.UnixMilli())
		return int(n), err
	}
	if which.Bundle != "" {
		known, err := isThere(tx, `SELECT 1 FROM tokens WHERE `+bundleName+` = ?1 UNION SELECT 1 FROM scouts WHERE bundle = ?1`, which.Bundle)
		if err != nil || !known {
			return 0, errors.Join(err, fmt.Errorf("bundle %q: %w", which.Bundle, ErrNotFound))
		}
		n, err := tx.exec(approve+` AND bundle = ?`, at.UnixMilli(), which.Bundle)
		return int(n), err
	}
	all := 0
	for _, id := range which.IDs {
		known, err := isThere(tx, `SELECT 1 FROM scouts WHERE id = ? AND removed = 0`, id)
		if err != nil || !known {
			return 0, errors.Join(err, fmt.Errorf("scout %q: %w", id, ErrNotFound))
		}
		n, err := tx.exec(approve+` AND id = ?`, at.UnixMilli(), id)
		if err != nil {
			return 0, err
		}
		all += int(n)
	}
	return all, nil
}
