package session

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/godbus/dbus/v5"
)

// The part of the Secret Service (specifications.freedesktop.org/secret-service)
// that is used here; go-keyring uses the rest.
const (
	secretsName       = "org.freedesktop.secrets"
	secretsPath       = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath         = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	serviceInterface  = "org.freedesktop.Secret.Service"
	collectionLocked  = "org.freedesktop.Secret.Collection.Locked"
	serviceCollection = serviceInterface + ".Collections"
)

var (
	errRoot      = errors.New("root has no session of its own")
	errNoBus     = errors.New("DBUS_SESSION_BUS_ADDRESS is not set")
	errNoDefault = errors.New("no keyring has been made yet")
	errLocked    = errors.New("it has not been unlocked in this session")
)

// checkUsable requires a session bus, a Secret Service on it that answers, and
// the collection that go-keyring uses, unlocked. Without an address of a bus it
// fails: the library would have godbus start a bus, which would stay.
func (sessionItem) checkUsable(ctx context.Context) error {
	if os.Geteuid() == 0 {
		return &Error{State: Denied, Err: errRoot}
	}
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" || strings.HasPrefix(address, "autolaunch:") {
		return &Error{State: Absent, Err: errNoBus}
	}
	conn, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return &Error{State: busState(ctx, err), Err: err}
	}
	defer conn.Close()
	if err := checkUnlocked(ctx, conn); err != nil {
		return &Error{State: busState(ctx, err), Err: err}
	}
	return nil
}

func checkUnlocked(ctx context.Context, conn *dbus.Conn) error {
	path, err := findCollection(ctx, conn)
	if err != nil {
		return err
	}
	var locked bool
	if err := readProperty(ctx, conn.Object(secretsName, path), collectionLocked, &locked); err != nil {
		return err
	}
	if locked {
		return errLocked
	}
	return nil
}

// findCollection returns the collection that go-keyring uses: login, else the
// default.
func findCollection(ctx context.Context, conn *dbus.Conn) (dbus.ObjectPath, error) {
	service := conn.Object(secretsName, secretsPath)
	var all []dbus.ObjectPath
	if err := readProperty(ctx, service, serviceCollection, &all); err != nil {
		return "", err
	}
	if slices.Contains(all, loginPath) {
		return loginPath, nil
	}
	var path dbus.ObjectPath
	err := service.CallWithContext(ctx, serviceInterface+".ReadAlias", 0, "default").Store(&path)
	if err == nil && path == "/" {
		err = errNoDefault
	}
	return path, err
}

func readProperty(ctx context.Context, o dbus.BusObject, name string, to any) error {
	at := strings.LastIndexByte(name, '.')
	var v dbus.Variant
	err := o.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, name[:at], name[at+1:]).Store(&v)
	if err != nil {
		return err
	}
	return v.Store(to)
}

func (sessionItem) stateOfError(err error) State { return busState(context.Background(), err) }

// busErrorStates has the states for errors of a bus (D-Bus Specification, and
// dbus-protocol.h).
var busErrorStates = map[string]State{
	"org.freedesktop.DBus.Error.ServiceUnknown":                   Absent,
	"org.freedesktop.DBus.Error.NameHasNoOwner":                   Absent,
	"org.freedesktop.DBus.Error.UnknownObject":                    Absent,
	"org.freedesktop.DBus.Error.UnknownMethod":                    Absent,
	"org.freedesktop.DBus.Error.UnknownInterface":                 Absent,
	"org.freedesktop.DBus.Error.AccessDenied":                     Denied,
	"org.freedesktop.DBus.Error.AuthFailed":                       Denied,
	"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired": Denied,
	"org.freedesktop.DBus.Error.NoReply":                          Hanging,
	"org.freedesktop.DBus.Error.Timeout":                          Hanging,
	"org.freedesktop.DBus.Error.TimedOut":                         Hanging,
	"org.freedesktop.DBus.Error.LimitsExceeded":                   Failed,
	"org.freedesktop.Secret.Error.IsLocked":                       Locked,
}

func busState(ctx context.Context, err error) State {
	if e, ok := errors.AsType[dbus.Error](err); ok {
		switch state, ok := busErrorStates[e.Name]; {
		case ok:
			return state
		case strings.HasPrefix(e.Name, "org.freedesktop.DBus.Error.Spawn."):
			return Absent
		}
		return Failed
	}
	switch {
	case ctx.Err() != nil:
		return Hanging
	case errors.Is(err, errLocked):
		return Locked
	case errors.Is(err, fs.ErrPermission):
		return Denied
	case errors.Is(err, errNoDefault), isNoBus(err):
		return Absent
	}
	return Failed
}

// isNoBus reports whether no bus answers at an address.
func isNoBus(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}
