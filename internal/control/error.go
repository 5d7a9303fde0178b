package control

import (
	"errors"
	"net/http"
)

// Error is an answer that says no. Its code is stable; message and hint are
// for people.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"error"`
	Hint    string `json:"hint,omitempty"`
}

func (e *Error) Error() string { return e.Message }

// Code says what kind of no an Error is.
type Code string

// The codes.
const (
	CodeUsage        Code = "usage"
	CodeNotFound     Code = "not-found"
	CodeNotPermitted Code = "not-permitted"
	CodeForbidden    Code = "forbidden" // by policy: an administrator has decided so
	CodeNotEnrolled  Code = "not-enrolled"
	CodeBundleSpent  Code = "bundle-spent" // the server has refused a bundle for good
	CodeConflict     Code = "conflict"     // not in the state the job is in
	CodeBusy         Code = "busy"         // over what one account may have going on; later, or with less, it works
	CodeFailed       Code = "failed"
)

var statuses = map[Code]int{
	CodeUsage:        http.StatusBadRequest,
	CodeNotFound:     http.StatusNotFound,
	CodeNotPermitted: http.StatusForbidden,
	CodeForbidden:    http.StatusForbidden,
	CodeNotEnrolled:  http.StatusConflict,
	CodeBundleSpent:  http.StatusForbidden,
	CodeConflict:     http.StatusConflict,
	CodeBusy:         http.StatusTooManyRequests,
	CodeFailed:       http.StatusInternalServerError,
}

// asError gives any error the form that goes over the wire.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: CodeFailed, Message: err.Error()}
}

// ErrUnreachable means that no agent answers at the socket.
var ErrUnreachable = errors.New("the agent is not reachable")

// ErrStranger means that the socket belongs to somebody who has no business
// to run the agent; nothing was said to it.
var ErrStranger = errors.New("the socket belongs to another user")
