package cloud

import (
	"database/sql"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// checkpointEvery is how often the journal is moved into the file, if
	// anything has changed.
	checkpointEvery = 500 * time.Millisecond
	// checkpointPages is the size of the journal, 80 MB, at which a commit
	// moves it after all.
	checkpointPages = "20000"
)

// checkpointer moves the journal into the registry's file while changes go on,
// on a connection of its own: if this were left to SQLite, every hundredth
// commit would take as long as the whole move.
type checkpointer struct {
	db      *sql.DB
	changed atomic.Bool
	stop    chan struct{}
	running sync.WaitGroup
}

func newCheckpointer(db *sql.DB) *checkpointer {
	db.SetMaxOpenConns(1)
	c := &checkpointer{db: db, stop: make(chan struct{})}
	c.running.Go(c.run)
	return c
}

// run moves what there is. A move that fails is repeated later: the journal is
// as good as the file.
func (c *checkpointer) run() {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-tick.C:
			if c.changed.Swap(false) {
				if _, err := c.db.ExecContext(always, `PRAGMA wal_checkpoint(PASSIVE)`); err != nil {
					c.changed.Store(true)
				}
			}
		}
	}
}

func (c *checkpointer) close() error {
	close(c.stop)
	c.running.Wait()
	return c.db.Close()
}
