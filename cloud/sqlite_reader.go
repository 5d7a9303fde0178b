package cloud

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// reader asks the registry what it has. Each statement is parsed once.
type reader struct {
	db *sql.DB

	mu         sync.Mutex
	statements map[string]*sql.Stmt
}

func newReader(db *sql.DB) *reader {
	return &reader{db: db, statements: make(map[string]*sql.Stmt)}
}

func (r *reader) statement(ctx context.Context, query string) (*sql.Stmt, error) {
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

// broken is a row that cannot be had.
type broken struct{ error }

func (b broken) Scan(...any) error { return b.error }

func (r *reader) row(ctx context.Context, query string, args ...any) row {
	s, err := r.statement(ctx, query)
	if err != nil {
		return broken{err}
	}
	return s.QueryRowContext(ctx, args...)
}

func (r *reader) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	for _, s := range r.statements {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, r.db.Close())
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, r *reader, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	s, err := r.statement(ctx, query)
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
