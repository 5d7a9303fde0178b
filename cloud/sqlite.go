package cloud

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/directory"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

const registryFile = "registry.db"

// sqlite is a Registry in one SQLite file.
type sqlite struct{ db *sql.DB }

// OpenRegistry opens the registry in dataDir, or makes it. It may be open in
// another process at the same time.
func OpenRegistry(ctx context.Context, dataDir string) (Registry, error) {
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(dataDir, registryFile))
	if err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	// SQLite gives its other files the mode of this one.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	f.Close()
	db, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	db.SetMaxOpenConns(1) // one writer at a time is all SQLite has
	if err := migrate(ctx, db); err != nil {
		db.Close()
		return nil, err
	}
	return &sqlite{db: db}, nil
}

func dataSource(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // of a drive letter
	}
	source := url.URL{Scheme: "file", Path: path, RawQuery: "_txlock=immediate" +
		"&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"}
	return source.String()
}

func (r *sqlite) Close() error { return r.db.Close() }

func (r *sqlite) Check(ctx context.Context) error {
	var n int
	return r.db.QueryRowContext(ctx, `SELECT count(*) FROM schema`).Scan(&n)
}

// change runs a statement and reports whether it changed a row.
func (r *sqlite) change(ctx context.Context, doing, statement string, args ...any) (bool, error) {
	result, err := r.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return false, fmt.Errorf("%s: %w", doing, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("%s: %w", doing, err)
	}
	return n > 0, nil
}

func (r *sqlite) AddToken(ctx context.Context, hash []byte, created, expires time.Time) error {
	_, err := r.change(ctx, "adding a token", `INSERT INTO tokens (hash, created, expires) VALUES (?, ?, ?)`,
		hash, created.UnixMilli(), expires.UnixMilli())
	return err
}

func (r *sqlite) Enroll(ctx context.Context, hash []byte, s Scout) (Scout, error) {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return Scout{}, fmt.Errorf("enrolling a scout: %w", err)
	}
	defer tx.Rollback()
	spent, err := spentOn(ctx, tx, hash, s.Enrolled)
	if err != nil {
		return Scout{}, err
	}
	if spent != "" {
		return again(ctx, tx, spent, s.Sign)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO scouts (id, name, version, sign, wrap, enrolled) VALUES (?, ?, ?, ?, ?, ?)`,
		s.ID, s.Name, s.Version, s.Sign, s.Wrap, s.Enrolled.UnixMilli()); err != nil {
		return Scout{}, fmt.Errorf("enrolling a scout: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE tokens SET scout = ? WHERE hash = ?`, s.ID, hash); err != nil {
		return Scout{}, fmt.Errorf("enrolling a scout: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return Scout{}, fmt.Errorf("enrolling a scout: %w", err)
	}
	return s, nil
}

// spentOn returns the scout a token was spent on, "" if it may still be.
func spentOn(ctx context.Context, tx *sql.Tx, hash []byte, now time.Time) (string, error) {
	var scout sql.NullString
	var expires int64
	err := tx.QueryRowContext(ctx, `SELECT scout, expires FROM tokens WHERE hash = ?`, hash).Scan(&scout, &expires)
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

// again answers a scout whose first answer was lost; nobody else has its key.
func again(ctx context.Context, tx *sql.Tx, id string, sign []byte) (Scout, error) {
	s, err := scanScout(tx.QueryRowContext(ctx, selectScouts+` WHERE id = ?`, id))
	if err != nil {
		return Scout{}, err
	}
	if !bytes.Equal(s.Sign, sign) {
		return Scout{}, ErrTokenUsed
	}
	return s, nil
}

const selectScouts = `SELECT id, name, version, sign, wrap, enrolled FROM scouts`

type row interface{ Scan(into ...any) error }

func scanScout(r row) (Scout, error) {
	var s Scout
	var enrolled int64
	err := r.Scan(&s.ID, &s.Name, &s.Version, &s.Sign, &s.Wrap, &enrolled)
	if errors.Is(err, sql.ErrNoRows) {
		return Scout{}, ErrNotFound
	}
	if err != nil {
		return Scout{}, fmt.Errorf("reading a scout: %w", err)
	}
	s.Enrolled = moment(enrolled)
	return s, nil
}

func (r *sqlite) Scout(ctx context.Context, id string) (Scout, error) {
	return scanScout(r.db.QueryRowContext(ctx, selectScouts+` WHERE id = ?`, id))
}

func (r *sqlite) Scouts(ctx context.Context) ([]Scout, error) {
	return collect(ctx, r.db, scanScout, selectScouts+` ORDER BY name, id`)
}

func (r *sqlite) AddAPIToken(ctx context.Context, hash []byte, name string, created time.Time) error {
	_, err := r.change(ctx, "adding an API token", `INSERT INTO api_tokens (hash, name, created) VALUES (?, ?, ?)`,
		hash, name, created.UnixMilli())
	return err
}

func (r *sqlite) APIToken(ctx context.Context, hash []byte) (string, error) {
	var name string
	err := r.db.QueryRowContext(ctx, `SELECT name FROM api_tokens WHERE hash = ?`, hash).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("looking an API token up: %w", err)
	}
	return name, nil
}

func (r *sqlite) Served(ctx context.Context, site string) (uint64, error) {
	var revision int64
	err := r.db.QueryRowContext(ctx, `SELECT coalesce(max(revision), 0) FROM served WHERE site = ?`, site).Scan(&revision)
	if err != nil {
		return 0, fmt.Errorf("looking the served directory up: %w", err)
	}
	return uint64(revision), nil
}

func (r *sqlite) SetServed(ctx context.Context, site string, revision uint64) error {
	_, err := r.change(ctx, "noting the served directory", `INSERT INTO served (site, revision) VALUES (?, ?)
		ON CONFLICT (site) DO UPDATE SET revision = max(revision, excluded.revision)`, site, int64(revision))
	return err
}

func (r *sqlite) Successor(ctx context.Context, site string) (next directory.Public, err error) {
	var kept []byte
	err = r.db.QueryRowContext(ctx, `SELECT next FROM successors WHERE site = ?`, site).Scan(&kept)
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
	_, err = r.change(ctx, "noting the site's newer keys",
		`INSERT INTO successors (site, next) VALUES (?, ?) ON CONFLICT (site) DO NOTHING`, site, kept)
	return err
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, db *sql.DB, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the registry: %w", err)
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the registry: %w", err)
	}
	return all, nil
}

// moment is a time as the registry keeps it; 0 is no time.
func moment(milli int64) time.Time {
	if milli == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milli).UTC()
}
