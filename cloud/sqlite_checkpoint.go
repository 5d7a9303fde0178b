package cloud

import (
	"database/sql"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// checkpointEvery is how often the journal is moved into the file, where
	// anything has changed.
	checkpointEvery = 500 * time.Millisecond
	// checkpointPages is when a commit has to do it after all: 80 MB of journal.
	checkpointPages = "20000"
)

// checkpointer moves the journal into the registry's file beside the changes,
// on a connection of its own: left to SQLite, every hundredth commit would
// take as long as the whole move does.
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

// run moves what there is. One that cannot be made now is made later: the
// journal is as good as the file.
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
