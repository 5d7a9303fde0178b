package cloud

import (
	"errors"
	"maps"
	"slices"
	"sync"
)

// ErrOffline means that the scout is not connected to this process.
var ErrOffline = errors.New("the scout is not connected")

// Router finds the connection of a scout.
type Router interface {
	// Send sends a message of package wire to a scout, or returns ErrOffline.
	Send(scout string, message any) error
	// Wake makes a scout's connection look for orders in the registry, or
	// returns ErrOffline.
	Wake(scout string) error
	// Online reports whether the scout is connected.
	Online(scout string) bool
}

// localRouter is a Router for the scouts that are connected to this process.
type localRouter struct {
	mu    sync.RWMutex
	peers map[string]*peer
}

var _ Router = (*localRouter)(nil)

func newLocalRouter() *localRouter { return &localRouter{peers: make(map[string]*peer)} }

func (r *localRouter) Send(scout string, message any) error {
	p := r.findPeer(scout)
	if p == nil {
		return ErrOffline
	}
	return p.sendMessage(message)
}

func (r *localRouter) Wake(scout string) error {
	p := r.findPeer(scout)
	if p == nil {
		return ErrOffline
	}
	p.wakeDispatch()
	return nil
}

func (r *localRouter) Online(scout string) bool { return r.findPeer(scout) != nil }

func (r *localRouter) findPeer(scout string) *peer {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.peers[scout]
}

// attach makes p the scout's connection, and closes an older one.
func (r *localRouter) attach(p *peer) {
	r.mu.Lock()
	older := r.peers[p.scout.ID]
	r.peers[p.scout.ID] = p
	r.mu.Unlock()
	if older != nil {
		older.ws.Close()
	}
}

// detach removes p and reports whether it was still the scout's connection.
func (r *localRouter) detach(p *peer) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.peers[p.scout.ID] != p {
		return false
	}
	delete(r.peers, p.scout.ID)
	return true
}

func (r *localRouter) allPeers() []*peer {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Collect(maps.Values(r.peers))
}
