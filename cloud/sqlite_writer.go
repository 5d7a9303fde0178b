package cloud

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// maxBatch is how many changes are committed together.
const maxBatch = 256

var errRegistryClosed = errors.New("the registry is closed")

// writer makes the changes, one after another on one connection. What comes
// while the disk is busy with a commit is committed together next: each
// caller is answered after the commit that has its change.
type writer struct {
	db      *sql.DB
	conn    *sql.Conn
	tx      tx
	changes chan *change
	changed *atomic.Bool // set after each commit
	stop    chan struct{}
	ended   chan struct{}
	close   func() error
}

// change is one change of the registry that someone waits for.
type change struct {
	ctx   context.Context
	apply func(*tx) error
	done  chan struct{} // closed when err stands
	err   error
}

func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{db: db, conn: conn, tx: tx{conn: conn, statements: make(map[string]*sql.Stmt)},
		changes: make(chan *change, maxBatch), stop: make(chan struct{}), ended: make(chan struct{})}
	w.close = sync.OnceValue(w.shut)
	go w.run()
	return w, nil
}

// do makes a change that is on disk, whole, when do returns nil.
func (w *writer) do(ctx context.Context, apply func(*tx) error) error {
	c := &change{ctx: ctx, apply: apply, done: make(chan struct{})}
	select {
	case w.changes <- c:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stop:
		return errRegistryClosed
	}
	select {
	case <-c.done:
		return c.err
	case <-w.ended:
		select {
		case <-c.done:
			return c.err
		default:
			return errRegistryClosed
		}
	}
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		select {
		case <-w.stop:
			return
		case first := <-w.changes:
			batch := w.gather(first)
			w.commit(batch)
			for _, c := range batch {
				close(c.done)
			}
		}
	}
}

// gather takes what waits already; it waits for nothing.
func (w *writer) gather(first *change) []*change {
	batch := []*change{first}
	for len(batch) < maxBatch {
		select {
		case c := <-w.changes:
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

// commit makes the changes of a batch in one transaction. One that fails
// leaves nothing of itself and harms no other.
func (w *writer) commit(batch []*change) {
	err := w.tx.run(`BEGIN IMMEDIATE`)
	for _, c := range batch {
		if err == nil {
			c.err, err = w.apply(c)
		}
	}
	if err == nil {
		err = w.tx.run(`COMMIT`)
	}
	if err == nil {
		w.changed.Store(true)
		return
	}
	w.tx.run(`ROLLBACK`) // where there is a transaction
	for _, c := range batch {
		c.err = errors.Join(c.err, err)
	}
}

// apply makes one change; failed is what ends the whole transaction.
func (w *writer) apply(c *change) (own, failed error) {
	if err := c.ctx.Err(); err != nil {
		return err, nil
	}
	if err := w.tx.run(`SAVEPOINT change`); err != nil {
		return nil, err
	}
	own = c.apply(&w.tx)
	if own != nil {
		failed = w.tx.run(`ROLLBACK TO change`)
	}
	if failed == nil {
		failed = w.tx.run(`RELEASE change`)
	}
	return own, failed
}

func (w *writer) shut() error {
	close(w.stop)
	<-w.ended
	return errors.Join(w.tx.close(), w.conn.Close(), w.db.Close())
}

// tx is the transaction that a change is made in. Each statement is parsed once.
type tx struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

// A change is never broken off by its caller's context: it would take others with it.
var always = context.Background()

func (t *tx) statement(text string) (*sql.Stmt, error) {
	if known := t.statements[text]; known != nil {
		return known, nil
	}
	s, err := t.conn.PrepareContext(always, text)
	if err == nil {
		t.statements[text] = s
	}
	return s, err
}

func (t *tx) run(text string) error {
	_, err := t.exec(text)
	return err
}

// exec returns how many rows the statement has changed.
func (t *tx) exec(text string, args ...any) (int64, error) {
	s, err := t.statement(text)
	if err != nil {
		return 0, fmt.Errorf("preparing a change: %w", err)
	}
	result, err := s.ExecContext(always, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *tx) row(text string, args ...any) row {
	s, err := t.statement(text)
	if err != nil {
		return broken{err}
	}
	return s.QueryRowContext(always, args...)
}

func (t *tx) close() error {
	var err error
	for _, s := range t.statements {
		err = errors.Join(err, s.Close())
	}
	return err
}
