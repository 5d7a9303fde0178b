package cloud

import (
	"io"
	"sync"
)

// connGroup owns goroutines and the connections that they wait for, so that
// all can be ended.
type connGroup struct {
	mu      sync.Mutex
	ended   bool
	closers map[io.Closer]bool
	running sync.WaitGroup
}

// run starts f unless the group has ended. conn, if any, is closed when f
// returns, or to make it return.
func (g *connGroup) run(conn io.Closer, f func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return false
	}
	if g.closers == nil {
		g.closers = make(map[io.Closer]bool)
	}
	if conn != nil {
		g.closers[conn] = true
	}
	g.running.Go(func() {
		defer g.taskDone(conn)
		f()
	})
	return true
}

// taskDone closes the connection of a goroutine that has ended.
func (g *connGroup) taskDone(conn io.Closer) {
	if conn == nil {
		return
	}
	conn.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.closers, conn)
}

// endAll closes every connection and waits for every goroutine.
func (g *connGroup) endAll() {
	g.mu.Lock()
	g.ended = true
	for conn := range g.closers {
		conn.Close()
	}
	g.mu.Unlock()
	g.running.Wait()
}
