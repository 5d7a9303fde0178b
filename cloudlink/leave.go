package cloudlink

import (
	"context"
	"errors"
	"fmt"
)

// ErrOffline means that there is no connection to the server.
var ErrOffline = errors.New("the server is not connected")

// Leave tells the server that the scout leaves its site, and returns nil once
// the server says that it no longer knows the scout. Run has to run. A server
// of an older version does not answer: ctx bounds how long that is waited for.
func (l *Link) Leave(ctx context.Context) error {
	select {
	case <-l.forgotten:
		return nil
	default:
	}
	if !l.out.addLeave() {
		return ErrOffline
	}
	select {
	case <-l.forgotten:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the server to let the scout go: %w", ctx.Err())
	}
}
