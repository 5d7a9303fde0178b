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
// ask who owns it. To make an instance, as GENERIC_WRITE would let them, is not
// part of it.
const clientAccess = 0x12019b

// descriptor lets SYSTEM, administrators and the agent's own account do
// everything, so that the latter can make instances. That account is the owner,
// which clients look at: left out, it could be a group that others are in too.
func descriptor() string {
	own := identity.OwnSID()
	return fmt.Sprintf("O:%sD:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;%s)(A;;%#x;;;IU)", own, own, clientAccess)
}

// Listen makes the pipe. Every interactive user may connect: who may do what is
// decided by the kernel's word on who it is. Where the name is a protected one
// and the agent may not make it, that is the same name without protection.
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

// namesOf are the names that an agent of a path may answer at, the one to try
// first in front.
func namesOf(path string) []string {
	if name, ok := strings.CutPrefix(path, protected); ok {
		return []string{path, pipes + name}
	}
	return []string{path}
}

// isThere reports whether somebody has made a pipe of a name.
func isThere(name string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	c, err := winio.DialPipeAccessImpLevel(ctx, name, clientAccess, winio.PipeImpLevelIdentification)
	if err == nil {
		c.Close()
	}
	return !errors.Is(err, fs.ErrNotExist)
}

// limitSending has nothing to do: the pipe was made with buffers of that size.
func limitSending(net.Conn) {}
