package identity

import (
	"errors"
	"fmt"
	"net"
	"runtime"

	"golang.org/x/sys/windows"
)

var impersonateNamedPipeClient = windows.NewLazySystemDLL("advapi32.dll").NewProc("ImpersonateNamedPipeClient")

// handled is a connection with a handle, such as go-winio's.
type handled interface{ Fd() uintptr }

// AskAtPipe returns a listener that finds out the client of each connection to a
// named pipe before it returns the connection: later its handle may belong to
// another one. UIDOfConn and OfConn accept its connections.
func AskAtPipe(l net.Listener) net.Listener { return pipeListener{l} }

type pipeListener struct{ net.Listener }

// pipeConn is a connection whose client is known, or why it is not.
type pipeConn struct {
	net.Conn
	sid   *windows.SID
	admin bool
	err   error
}

// passing is an error after which the next connection may be accepted. net/http
// gives up after any other.
type passing struct{ error }

func (passing) Timeout() bool   { return false }
func (passing) Temporary() bool { return true }

func (p passing) Unwrap() error { return p.error }

// Accept returns the next connection, also if its client is not known.
func (l pipeListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	switch {
	case errors.Is(err, net.ErrClosed):
		return nil, err
	case err != nil: // an instance could not be made, or its client was gone at once
		return nil, passing{err}
	}
	p := &pipeConn{Conn: c}
	p.err = p.ask()
	return p, nil
}

func (p *pipeConn) ask() error {
	h, ok := p.Conn.(handled)
	if !ok {
		return fmt.Errorf("it is a %T", p.Conn)
	}
	token, err := clientToken(windows.Handle(h.Fd()))
	if err != nil {
		return err
	}
	defer token.Close()
	u, err := token.GetTokenUser()
	if err != nil {
		return fmt.Errorf("asking for the user: %w", err)
	}
	if p.sid, err = u.User.Sid.Copy(); err != nil {
		return fmt.Errorf("copying the user: %w", err)
	}
	p.admin = isAdmin(p.sid, token)
	return nil
}

// clientToken returns the token of a pipe's client. It fails unless the client
// connected at the level of identification or a higher one, and without
// SECURITY_CONTEXT_TRACKING, by which its identity comes with the first data.
func clientToken(pipe windows.Handle) (token windows.Token, err error) {
	runtime.LockOSThread()
	if ok, _, err := impersonateNamedPipeClient.Call(uintptr(pipe)); ok == 0 {
		runtime.UnlockOSThread()
		return 0, fmt.Errorf("asking for the client: %w", err)
	}
	err = windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_QUERY, true, &token)
	if failed := windows.RevertToSelf(); failed != nil {
		// This thread still acts as the client: nothing more may run on it.
		panic(fmt.Sprintf("identity: this process cannot be itself again: %v", failed))
	}
	runtime.UnlockOSThread()
	if err != nil {
		return 0, fmt.Errorf("opening the client's token: %w", err)
	}
	return token, nil
}

func asked(c net.Conn) (*pipeConn, error) {
	p, ok := c.(*pipeConn)
	if !ok {
		return nil, fmt.Errorf("%w: it is a %T", ErrUnknown, c)
	}
	if p.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnknown, p.err)
	}
	return p, nil
}

// UIDOfConn returns the SID of the client of a named pipe.
func UIDOfConn(c net.Conn) (string, error) {
	p, err := asked(c)
	if err != nil {
		return "", err
	}
	return p.sid.String(), nil
}

// OfConn returns the client of a named pipe. To look up the name may take as
// long as a domain controller does.
func OfConn(c net.Conn) (Peer, error) {
	p, err := asked(c)
	if err != nil {
		return Peer{}, err
	}
	return Peer{UID: p.sid.String(), Name: accountName(p.sid), Admin: p.admin}, nil
}

// ServerOf returns, for a client, the SID of the owner of a named pipe, as its
// descriptor has it.
func ServerOf(c net.Conn) (string, error) {
	h, ok := c.(handled)
	if !ok {
		return "", fmt.Errorf("%w: it is a %T", ErrUnknown, c)
	}
	sd, err := windows.GetSecurityInfo(windows.Handle(h.Fd()), windows.SE_KERNEL_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return "", fmt.Errorf("%w: asking who owns the pipe: %w", ErrUnknown, err)
	}
	owner, _, err := sd.Owner()
	if err != nil || owner == nil {
		return "", fmt.Errorf("%w: the pipe has no owner: %w", ErrUnknown, err)
	}
	return owner.String(), nil
}

// OwnSID returns the SID of the user that this process runs as, "" if Windows does
// not tell.
func OwnSID() string {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return ""
	}
	return u.User.Sid.String()
}

// SIDOf returns the SID of an account, "" if there is none.
func SIDOf(account string) string {
	sid, _, _, err := windows.LookupSID("", account)
	if err != nil {
		return ""
	}
	return sid.String()
}
