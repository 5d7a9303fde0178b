package cloud

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

func (r *sqlite) Enroll(ctx context.Context, hash []byte, s Scout) (Scout, error) {
	enrolled := s
	err := r.writer.applyChange(ctx, func(tx *writeTx) error {
		spent, err := spentOn(tx, hash, s.Enrolled)
		if err != nil {
			return err
		}
		if spent != "" {
			enrolled, err = enrolledBefore(tx, spent, s.Sign)
			return err
		}
		if _, err := tx.exec(`INSERT INTO scouts (id, name, version, sign, wrap, enrolled) VALUES (?, ?, ?, ?, ?, ?)`,
			s.ID, s.Name, s.Version, s.Sign, s.Wrap, s.Enrolled.UnixMilli()); err != nil {
			return err
		}
		_, err = tx.exec(`UPDATE tokens SET scout = ? WHERE hash = ?`, s.ID, hash)
		return err
	})
	if err != nil {
		return Scout{}, fmt.Errorf("enrolling a scout: %w", err)
	}
	return enrolled, nil
}

// spentOn returns the scout that a token was spent on, "" for none yet.
func spentOn(tx *writeTx, hash []byte, now time.Time) (string, error) {
	var scout sql.NullString
	var expires int64
	err := tx.queryRow(`SELECT scout, expires FROM tokens WHERE hash = ?`, hash).Scan(&scout, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrTokenUnknown
	}
	if err != nil {
		return "", fmt.Errorf("looking a token up: %w", err)
	}
	if now.UnixMilli() >= expires {
		return "", ErrTokenExpired
	}
	return scout.String, nil
}

// enrolledBefore returns a scout whose first response was lost; only that
// scout has its key. A scout that was removed since has used up its token.
func enrolledBefore(tx *writeTx, id string, sign []byte) (Scout, error) {
	s, err := scanScout(tx.queryRow(selectScouts+` AND id = ?`, id))
	if errors.Is(err, ErrNotFound) || err == nil && !bytes.Equal(s.Sign, sign) {
		return Scout{}, ErrTokenUsed
	}
	return s, err
}

const selectScouts = `SELECT id, name, version, sign, wrap, enrolled FROM scouts WHERE removed = 0`

func scanScout(r rowScanner) (Scout, error) {
	var s Scout
	var enrolled int64
	err := r.Scan(&s.ID, &s.Name, &s.Version, &s.Sign, &s.Wrap, &enrolled)
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
		n, err := tx.exec(`UPDATE scouts SET removed = ? WHERE id = ? AND removed = 0`, at.UnixMilli(), id)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE orders SET state = 'expired', reason = 'the scout was removed', finished = ?, pin = NULL
			WHERE scout = ? AND state IN ('pending', 'sent')`, at.UnixMilli(), id); err != nil {
			return err
		}
		return countWithdrawal(tx)
	})
	if err != nil {
		return fmt.Errorf("removing a scout: %w", err)
	}
	return nil
}
