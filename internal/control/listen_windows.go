package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"time"

	"github.com/Microsoft/go-winio"

	"github.com/printscout/printscout/internal/identity"
)

const (
	pipes = `\\.\pipe\`
	// protected is where only administrators may make pipes.
	protected = pipes + `ProtectedPrefix\Administrators\`
)

// clientAccess is what interactive users may do with the pipe: read, write, and
// ask for its owner, but not make an instance, which GENERIC_WRITE includes.
const clientAccess = 0x12019b

// descriptor returns the descriptor of the pipe: SYSTEM, administrators and the
// agent's own account, which makes the instances, may do everything. That account
// is the owner, which clients check; the default owner may be a group.
func descriptor() string {
	own := identity.OwnSID()
	return fmt.Sprintf("O:%sD:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;%s)(A;;%#x;;;IU)", own, own, clientAccess)
}

// Listen makes the pipe. Every interactive user may connect: what a caller may do
// is decided by the account that the kernel names. If the name is a protected one
// and the agent may not make it, it makes the plain name.
func Listen(path string) (net.Listener, error) {
	if !strings.HasPrefix(path, pipes) {
		return nil, fmt.Errorf(`making the control pipe: %s is no name of a pipe, such as %sPrintScout`, path, pipes)
	}
	var denied error
	for _, name := range namesOf(path) {
		if isThere(name) {
			return nil, fmt.Errorf("making the control pipe %s: %w", name, ErrTaken)
		}
		l, err := winio.ListenPipe(name, &winio.PipeConfig{
			SecurityDescriptor: descriptor(), InputBufferSize: sendBuffer, OutputBufferSize: sendBuffer,
		})
		if err == nil {
			return identity.AskAtPipe(l), nil
		}
		if denied = err; !errors.Is(err, fs.ErrPermission) || isThere(name) { // made meanwhile
			break
		}
	}
	return nil, fmt.Errorf("making the control pipe: %w", denied)
}

// namesOf returns the names at which an agent with that path may answer, the
// first choice first.
func namesOf(path string) []string {
	if name, ok := strings.CutPrefix(path, protected); ok {
		return []string{path, pipes + name}
	}
	return []string{path}
}

// isThere reports whether there is a pipe with that name.
func isThere(name string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	c, err := winio.DialPipeAccessImpLevel(ctx, name, clientAccess, winio.PipeImpLevelIdentification)
	if err == nil {
		c.Close()
	}
	return !errors.Is(err, fs.ErrNotExist)
}

// limitSending does nothing: the pipe was made with buffers of that size.
func limitSending(net.Conn) {}
