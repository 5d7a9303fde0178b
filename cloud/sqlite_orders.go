package cloud

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

const selectOrders = `SELECT seq, id, scout, job, printer, user, created, expires, state, reason, sent, finished, result, pin FROM orders`

func scanOrder(r rowScanner) (Order, error) {
	var o Order
	var created, expires, sent, finished int64
	var result []byte
	err := r.Scan(&o.Seq, &o.ID, &o.Scout, &o.Job, &o.Printer, &o.User, &created, &expires, &o.State, &o.Reason, &sent, &finished, &result, &o.PIN)
	if errors.Is(err, sql.ErrNoRows) {
		return Order{}, ErrNotFound
	}
	if err != nil {
		return Order{}, fmt.Errorf("reading an order: %w", err)
	}
	o.Created, o.Expires, o.SentAt, o.Finished = fromMillis(created), fromMillis(expires), fromMillis(sent), fromMillis(finished)
	if result == nil {
		return o, nil
	}
	message, err := wire.Decode(result)
	if err != nil {
		return Order{}, fmt.Errorf("reading the result of an order: %w", err)
	}
	if r, ok := message.(wire.Result); ok {
		o.Result = &r
	}
	return o, nil
}

func (r *sqlite) AddOrders(ctx context.Context, request *Request, orders []Order) error {
	err := r.writer.applyChange(ctx, func(tx *writeTx) error {
		id, err := request.insertRequest(tx)
		if err != nil {
			return err
		}
		for _, o := range orders {
			if _, err := tx.exec(`INSERT INTO orders (id, scout, job, printer, user, created, expires, state, pin, request)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (request, job) WHERE request IS NOT NULL DO NOTHING`,
				o.ID, o.Scout, o.Job, o.Printer, o.User, o.Created.UnixMilli(), o.Expires.UnixMilli(), Pending, o.PIN, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("adding orders: %w", err)
	}
	return nil
}

func (r *sqlite) Order(ctx context.Context, id string) (Order, error) {
	return scanOrder(r.reader.queryRow(ctx, selectOrders+` WHERE id = ?`, id))
}

func (r *sqlite) Orders(ctx context.Context, limit int) ([]Order, error) {
	return queryAll(ctx, r.reader, scanOrder, selectOrders+` ORDER BY seq DESC LIMIT ?`, limit)
}

func (r *sqlite) UnfinishedOrders(ctx context.Context, scout string, after int64, limit int) ([]Order, error) {
	return queryAll(ctx, r.reader, scanOrder,
		selectOrders+` WHERE scout = ? AND seq > ? AND state IN ('pending', 'sent') ORDER BY seq LIMIT ?`, scout, after, limit)
}

func (r *sqlite) MarkSent(ctx context.Context, ids []string, at time.Time) (map[string]bool, error) {
	sent := make(map[string]bool, len(ids))
	err := r.writer.applyChange(ctx, func(tx *writeTx) error {
		for _, id := range ids {
			n, err := tx.exec(`UPDATE orders SET state = 'sent', sent = CASE sent WHEN 0 THEN ? ELSE sent END
				WHERE id = ? AND state IN ('pending', 'sent')`, at.UnixMilli(), id)
			if err != nil {
				return err
			}
			sent[id] = n > 0
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("marking orders as sent: %w", err)
	}
	return sent, nil
}

func (r *sqlite) FinishOrder(ctx context.Context, scout string, result wire.Result, at time.Time) (bool, error) {
	data, err := wire.Encode(result)
	if err != nil {
		return false, fmt.Errorf("keeping a result: %w", err)
	}
	return r.changeRow(ctx, "keeping a result",
		`UPDATE orders SET state = 'done', reason = '', result = ?, finished = ?, pin = NULL WHERE id = ? AND scout = ? AND state <> 'done'`,
		data, at.UnixMilli(), result.Order, scout)
}

func (r *sqlite) DueOrders(ctx context.Context, now time.Time) ([]Order, error) {
	return queryAll(ctx, r.reader, scanOrder, selectOrders+` WHERE state = 'pending' AND expires <= ? ORDER BY seq LIMIT 1000`, now.UnixMilli())
}

func (r *sqlite) ExpireOrder(ctx context.Context, id, reason string, at time.Time) (bool, error) {
	return r.changeRow(ctx, "expiring an order",
		`UPDATE orders SET state = 'expired', reason = ?, finished = ?, pin = NULL WHERE id = ? AND state = 'pending'`, reason, at.UnixMilli(), id)
}

func (r *sqlite) ForgetOld(ctx context.Context, before time.Time) error {
	err := r.writer.applyChange(ctx, func(tx *writeTx) error {
		for _, statement := range []string{
			`DELETE FROM orders WHERE state IN ('done', 'expired') AND finished < ?`,
			`DELETE FROM tokens WHERE expires < ? AND hash NOT IN (SELECT token FROM scouts WHERE token IS NOT NULL AND removed = 0)`,
			`DELETE FROM api_tokens WHERE expires < ?`,
			`DELETE FROM scouts WHERE removed > 0 AND removed < ?
				AND id NOT IN (SELECT scout FROM orders) AND id NOT IN (SELECT scout FROM tokens WHERE scout IS NOT NULL)`,
		} {
			if _, err := tx.exec(statement, before.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forgetting what is old: %w", err)
	}
	return nil
}
