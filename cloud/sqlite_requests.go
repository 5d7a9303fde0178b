package cloud

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// insertRequest stores the request, if it is new, and returns its number; nil
// without a request.
func (q *Request) insertRequest(tx *writeTx) (id *int64, err error) {
	if q == nil {
		return nil, nil
	}
	if _, err := tx.exec(`INSERT INTO requests (key, body, created, complete) VALUES (?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET complete = max(complete, excluded.complete) WHERE body = excluded.body`,
		q.Key, q.Body, q.Created.UnixMilli(), q.Complete); err != nil {
		return nil, err
	}
	var body []byte
	id = new(int64)
	if err := tx.queryRow(`SELECT id, body FROM requests WHERE key = ?`, q.Key).Scan(id, &body); err != nil {
		return nil, err
	}
	if !bytes.Equal(body, q.Body) {
		return nil, ErrConflict
	}
	return id, nil
}

func (r *sqlite) Request(ctx context.Context, key []byte) (Request, []Order, error) {
	q := Request{Key: key}
	var id, created int64
	err := r.reader.queryRow(ctx, `SELECT id, body, created, complete FROM requests WHERE key = ?`, key).Scan(&id, &q.Body, &created, &q.Complete)
	if errors.Is(err, sql.ErrNoRows) {
		return q, nil, ErrNotFound
	}
	if err != nil {
		return q, nil, fmt.Errorf("looking a request up: %w", err)
	}
	q.Created = fromMillis(created)
	orders, err := queryAll(ctx, r.reader, scanOrder, selectOrders+` WHERE request = ? ORDER BY seq`, id)
	return q, orders, err
}

func (r *sqlite) ForgetRequests(ctx context.Context, before time.Time, most int) error {
	_, err := r.changeRow(ctx, "forgetting requests", `DELETE FROM requests
		WHERE created < ? OR id <= (SELECT coalesce(max(id), 0) FROM requests) - ?`, before.UnixMilli(), most)
	return err
}
