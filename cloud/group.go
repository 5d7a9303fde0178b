package cloud

import (
	"io"
	"sync"
)

// group owns goroutines and the connections they wait on, so that all can be ended.
type group struct {
	mu      sync.Mutex
	ended   bool
	closers map[io.Closer]bool
	running sync.WaitGroup
}

// run starts f unless the group has ended. conn, if any, is closed when f
// returns, or to make it return.
func (g *group) run(conn io.Closer, f func()) bool {
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
		defer g.done(conn)
		f()
	})
	return true
}

func (g *group) done(conn io.Closer) {
	if conn == nil {
		return
	}
	conn.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.closers, conn)
}

// end closes every connection and waits for every goroutine.
func (g *group) end() {
	g.mu.Lock()
	g.ended = true
	for conn := range g.closers {
		conn.Close()
	}
	g.mu.Unlock()
	g.running.Wait()
}
