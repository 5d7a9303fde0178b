package cloud

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/printscout/printscout/internal/directory"
)

func (r *sqlite) ServedRevision(ctx context.Context, site string) (uint64, error) {
	var revision int64
	err := r.reader.queryRow(ctx, `SELECT coalesce(max(revision), 0) FROM served WHERE site = ?`, site).Scan(&revision)
	if err != nil {
		return 0, fmt.Errorf("looking the served directory up: %w", err)
	}
	return uint64(revision), nil
}

func (r *sqlite) SetServedRevision(ctx context.Context, site string, revision uint64) error {
	_, err := r.changeRow(ctx, "noting the served directory", `INSERT INTO served (site, revision) VALUES (?, ?)
		ON CONFLICT (site) DO UPDATE SET revision = max(revision, excluded.revision)`, site, int64(revision))
	return err
}

func (r *sqlite) Successor(ctx context.Context, site string) (next directory.Public, err error) {
	var kept []byte
	err = r.reader.queryRow(ctx, `SELECT next FROM successors WHERE site = ?`, site).Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) {
		return next, ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(kept, &next)
	}
	if err != nil {
		return next, fmt.Errorf("looking the site's newer keys up: %w", err)
	}
	return next, nil
}

func (r *sqlite) SetSuccessor(ctx context.Context, site string, next directory.Public) error {
	kept, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("encoding the site's newer keys: %w", err)
	}
	_, err = r.changeRow(ctx, "noting the site's newer keys",
		`INSERT INTO successors (site, next) VALUES (?, ?) ON CONFLICT (site) DO NOTHING`, site, kept)
	return err
}
