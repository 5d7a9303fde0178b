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

// registryWriter makes the changes, one after another on one connection.
// Changes that come while a commit is being written are committed together
// next: each caller gets its result after the commit that has its change.
type registryWriter struct {
	db      *sql.DB
	conn    *sql.Conn
	tx      writeTx
	changes chan *pendingChange
	changed *atomic.Bool // set after each commit
	stop    chan struct{}
	ended   chan struct{}
	close   func() error
}

// pendingChange is one change of the registry that a caller waits for.
type pendingChange struct {
	ctx   context.Context
	apply func(*writeTx) error
	done  chan struct{} // closed when err is set
	err   error
}

func newWriter(ctx context.Context, db *sql.DB) (*registryWriter, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &registryWriter{db: db, conn: conn, tx: writeTx{conn: conn, statements: make(map[string]*sql.Stmt)},
		changes: make(chan *pendingChange, maxBatch), stop: make(chan struct{}), ended: make(chan struct{})}
	w.close = sync.OnceValue(w.closeDB)
	go w.run()
	return w, nil
}

// applyChange makes a change, which is completely on disk when it returns nil.
func (w *registryWriter) applyChange(ctx context.Context, apply func(*writeTx) error) error {
	c := &pendingChange{ctx: ctx, apply: apply, done: make(chan struct{})}
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

// run commits changes in batches until the writer is closed.
func (w *registryWriter) run() {
	defer close(w.ended)
	for {
		select {
		case <-w.stop:
			return
		case first := <-w.changes:
			batch := w.gatherBatch(first)
			w.commitBatch(batch)
			for _, c := range batch {
				close(c.done)
			}
		}
	}
}

// gatherBatch returns the changes that already wait, without waiting for more.
func (w *registryWriter) gatherBatch(first *pendingChange) []*pendingChange {
	batch := []*pendingChange{first}
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

// commitBatch makes the changes of a batch in one transaction. A change that
// fails leaves nothing behind and does not affect the others.
func (w *registryWriter) commitBatch(batch []*pendingChange) {
	err := w.tx.runStatement(`BEGIN IMMEDIATE`)
	for _, c := range batch {
		if err == nil {
			c.err, err = w.applyOne(c)
		}
	}
	if err == nil {
		err = w.tx.runStatement(`COMMIT`)
	}
	if err == nil {
		w.changed.Store(true)
		return
	}
	w.tx.runStatement(`ROLLBACK`) // if there is a transaction
	for _, c := range batch {
		c.err = errors.Join(c.err, err)
	}
}

// applyOne makes one change; failed means that the whole transaction has
// failed.
func (w *registryWriter) applyOne(c *pendingChange) (own, failed error) {
	if err := c.ctx.Err(); err != nil {
		return err, nil
	}
	if err := w.tx.runStatement(`SAVEPOINT change`); err != nil {
		return nil, err
	}
	own = c.apply(&w.tx)
	if own != nil {
		failed = w.tx.runStatement(`ROLLBACK TO change`)
	}
	if failed == nil {
		failed = w.tx.runStatement(`RELEASE change`)
	}
	return own, failed
}

func (w *registryWriter) closeDB() error {
	close(w.stop)
	<-w.ended
	return errors.Join(w.tx.close(), w.conn.Close(), w.db.Close())
}

// writeTx is the transaction that a change is made in. Each statement is
// parsed once.
type writeTx struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

// A change is never broken off by its caller's context, which would break off
// others with it.
var always = context.Background()

func (t *writeTx) prepare(text string) (*sql.Stmt, error) {
	if known := t.statements[text]; known != nil {
		return known, nil
	}
	s, err := t.conn.PrepareContext(always, text)
	if err == nil {
		t.statements[text] = s
	}
	return s, err
}

func (t *writeTx) runStatement(text string) error {
	_, err := t.exec(text)
	return err
}

// exec runs a statement and returns how many rows it has changed.
func (t *writeTx) exec(text string, args ...any) (int64, error) {
	s, err := t.prepare(text)
	if err != nil {
		return 0, fmt.Errorf("preparing a change: %w", err)
	}
	result, err := s.ExecContext(always, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *writeTx) queryRow(text string, args ...any) rowScanner {
	s, err := t.prepare(text)
	if err != nil {
		return errorRow{err}
	}
	return s.QueryRowContext(always, args...)
}

func (t *writeTx) close() error {
	var err error
	for _, s := range t.statements {
		err = errors.Join(err, s.Close())
	}
	return err
}
