package cloud

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// registryReader reads the registry. Each statement is parsed once.
type registryReader struct {
	db *sql.DB

	mu         sync.Mutex
	statements map[string]*sql.Stmt
}

func newReader(db *sql.DB) *registryReader {
	return &registryReader{db: db, statements: make(map[string]*sql.Stmt)}
}

func (r *registryReader) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.statements[query]; known != nil {
		return known, nil
	}
	s, err := r.db.PrepareContext(ctx, query)
	if err == nil {
		r.statements[query] = s
	}
	return s, err
}

// errorRow is a row that cannot be read.
type errorRow struct{ error }

func (b errorRow) Scan(...any) error { return b.error }

func (r *registryReader) queryRow(ctx context.Context, query string, args ...any) rowScanner {
	s, err := r.prepare(ctx, query)
	if err != nil {
		return errorRow{err}
	}
	return s.QueryRowContext(ctx, args...)
}

func (r *registryReader) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	for _, s := range r.statements {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, r.db.Close())
}

// queryAll reads all rows of a query.
func queryAll[T any](ctx context.Context, r *registryReader, scan func(rowScanner) (T, error), query string, args ...any) ([]T, error) {
	s, err := r.prepare(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("reading the registry: %w", err)
	}
	rows, err := s.QueryContext(ctx, args...)
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
