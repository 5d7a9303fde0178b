package identity

import (
	"fmt"
	"net"
	"runtime"

	"golang.org/x/sys/windows"
)

var impersonateNamedPipeClient = windows.NewLazySystemDLL("advapi32.dll").NewProc("ImpersonateNamedPipeClient")

// handled is a connection with a handle, such as go-winio's.
type handled interface{ Fd() uintptr }

// AskAtPipe returns a listener of a named pipe that asks for each connection who
// the client is, before it is handed out: later its handle may be another's.
// UIDOfConn and OfConn know its connections.
func AskAtPipe(l net.Listener) net.Listener { return pipeListener{l} }

type pipeListener struct{ net.Listener }

// pipeConn is a connection whose client was asked for.
type pipeConn struct {
	net.Conn
	sid   *windows.SID
	admin bool
	err   error
}

// Accept returns the next connection, whoever it is of.
func (l pipeListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
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

// clientToken returns what the client of a pipe lets its server know of it. It
// needs a client that connected at the level of identification, or a higher
// one; one that shows itself later, or never, is refused.
func clientToken(pipe windows.Handle) (token windows.Token, err error) {
	runtime.LockOSThread()
	if ok, _, err := impersonateNamedPipeClient.Call(uintptr(pipe)); ok == 0 {
		runtime.UnlockOSThread()
		return 0, fmt.Errorf("asking for the client: %w", err)
	}
	err = windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_QUERY, true, &token)
	if failed := windows.RevertToSelf(); failed != nil {
		// This thread is somebody else: nothing more may run on it.
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

// OfConn says who the client of a named pipe is. The name is asked of the
// domain, which may take a while.
func OfConn(c net.Conn) (Peer, error) {
	p, err := asked(c)
	if err != nil {
		return Peer{}, err
	}
	return Peer{UID: p.sid.String(), Name: accountName(p.sid), Admin: p.admin}, nil
}

// ServerOf returns, for a client, the SID of who owns a named pipe: its maker,
// or a group that the maker may hand things to.
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

// OwnSID is that of the user this process runs as, "" where Windows does not say.
func OwnSID() string {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return ""
	}
	return u.User.Sid.String()
}

// SIDOf returns that of an account of this computer, "" where there is none.
func SIDOf(account string) string {
	sid, _, _, err := windows.LookupSID("", account)
	if err != nil {
		return ""
	}
	return sid.String()
}
