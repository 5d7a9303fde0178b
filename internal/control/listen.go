package control

import "errors"

// ErrTaken means that another agent answers at the socket already.
var ErrTaken = errors.New("another agent is running")
