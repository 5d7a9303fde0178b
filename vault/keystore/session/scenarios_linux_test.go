package session

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
	library "github.com/zalando/go-keyring"

	"github.com/printscout/printscout/vault/keystore"
)

// scenarios run as a person of their own, most of them in a session with a bus of
// its own.
var scenarios = map[string]func(dir string) error{
	"unlocked": withKeyring("--unlock", func(dir string) error {
		return errors.Join(checkKept(dir, ""), holdsOneKey())
	}),
	"next session": withKeyring("--unlock", func(dir string) error {
		return checkKept(dir, token)
	}),
	"locked since the start": withKeyring("--start", func(dir string) error {
		return opensAs(dir, Locked)
	}),
	"started by the bus": byTheBus(func(dir string) error {
		return opensAs(dir, Locked)
	}),
	"started by the bus, empty": byTheBus(func(dir string) error {
		return opensAs(dir, Absent)
	}),
	"locked now": withKeyring("--unlock", func(dir string) error {
		return errors.Join(checkKept(dir, ""), lockKeyring(), opensAs(dir, Locked))
	}),
	"key removed": withKeyring("--unlock", func(dir string) error {
		return errors.Join(checkKept(dir, ""), library.Delete(service, account), opensAs(dir, Lost))
	}),
	"stopped": withKeyring("--unlock", keyringStopped),
	"no address": func(dir string) error {
		os.Unsetenv("DBUS_SESSION_BUS_ADDRESS")
		err := opensAs(dir, Absent)
		os.Setenv("DBUS_SESSION_BUS_ADDRESS", "autolaunch:")
		err = errors.Join(err, opensAs(dir, Absent))
		if _, started := os.Stat(os.Getenv("SESSION_TEST_LAUNCHED")); started == nil {
			err = errors.Join(err, errors.New("a bus was started"))
		}
		return err
	},
	"bus is gone": func(dir string) error {
		os.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "bus"))
		return opensAs(dir, Absent)
	},
	"no service":           func(dir string) error { return opensAs(dir, Absent) },
	"refused":              serviceRefused,
	"root":                 func(dir string) error { return opensAs(dir, Denied) },
	"bus does not answer":  busHangs,
	"service is mute":      func(dir string) error { return serviceMute(dir, false) },
	"service falls silent": func(dir string) error { return serviceMute(dir, true) },
}

const token = "a person's refresh token"

// openPatiently opens the secrets with enough time for a slow machine.
func openPatiently(dir string) (*keystore.Store, error) {
	return openUnder(context.Background(), filepath.Join(dir, "secrets"), keyringHolder{item: sessionItem{}, patience: time.Minute})
}

// checkKept requires the token that was stored before, and stores one.
func checkKept(dir, before string) error {
	s, err := openPatiently(dir)
	if err != nil {
		return err
	}
	if before != "" {
		if got, err := s.Load("refresh"); err != nil || string(got) != before {
			return fmt.Errorf("kept is %q, %w", got, err)
		}
	}
	if err := s.Save("refresh", []byte(token)); err != nil {
		return err
	}
	if s, err = openPatiently(dir); err != nil {
		return err
	}
	got, err := s.Load("refresh")
	if err != nil || string(got) != token || s.Rest().How != keystore.Keyring {
		return fmt.Errorf("kept is %q, %w", got, err)
	}
	return nil
}

func opensAs(dir string, want State) error {
	_, err := openPatiently(dir)
	return isState(err, want)
}

func isState(err error, want State) error {
	if e, ok := errors.AsType[*Error](err); !ok || e.State != want || strings.Contains(err.Error(), token) {
		return fmt.Errorf("it is %v, not %s", err, want)
	}
	return nil
}

// checkHanging requires the state hanging within a short time.
func checkHanging(dir string) error {
	_, err := openUnder(context.Background(), filepath.Join(dir, "secrets"), keyringHolder{item: sessionItem{}, patience: 200 * time.Millisecond})
	return isState(err, Hanging)
}

// withKeyring runs a scenario with gnome-keyring; with --unlock its first keyring is
// made if there is none.
func withKeyring(how string, scenario func(dir string) error) func(dir string) error {
	return func(dir string) error {
		cmd := exec.Command("gnome-keyring-daemon", how, "--components=secrets")
		cmd.Stdin = strings.NewReader("password")
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("starting the keyring: %w", err)
		}
		if err := awaitKeyring(); err != nil {
			return err
		}
		return errors.Join(scenario(dir), signalKeyring(syscall.SIGTERM))
	}
}

// byTheBus runs a scenario in which the bus starts the keyring, which does not end
// with the bus.
func byTheBus(scenario func(dir string) error) func(dir string) error {
	return func(dir string) error { return errors.Join(scenario(dir), signalKeyring(syscall.SIGTERM)) }
}

// awaitKeyring waits until the keyring is on the bus, which is after its
// program has gone to the background.
func awaitKeyring() error {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	defer conn.Close()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	late := time.NewTimer(time.Minute)
	defer late.Stop()
	for {
		var there bool
		if err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, secretsName).Store(&there); err != nil || there {
			return err
		}
		select {
		case <-again.C:
		case <-late.C:
			return errors.New("the keyring does not come to the bus")
		}
	}
}

// signalKeyring sends a signal to the keyring on the bus.
func signalKeyring(s syscall.Signal) error {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	defer conn.Close()
	var pid uint32
	if err := conn.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, secretsName).Store(&pid); err != nil {
		return err
	}
	return syscall.Kill(int(pid), s)
}

func lockKeyring() error {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	defer conn.Close()
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	return conn.Object(secretsName, secretsPath).Call(serviceInterface+".Lock", 0, []dbus.ObjectPath{loginPath}).Store(&locked, &prompt)
}

// holdsOneKey requires that our key is all that the keyring holds.
func holdsOneKey() error {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	defer conn.Close()
	var items []dbus.ObjectPath
	if err := readProperty(context.Background(), conn.Object(secretsName, loginPath), "org.freedesktop.Secret.Collection.Items", &items); err != nil {
		return err
	}
	text, err := library.Get(service, account)
	if err != nil {
		return err
	}
	if key, err := hex.DecodeString(text); err != nil || len(key) != keystore.KeySize || len(items) != 1 {
		return fmt.Errorf("the keyring holds %d items, ours of %d bytes", len(items), len(text))
	}
	return nil
}

// keyringStopped stops the keyring's process, so that it does not answer.
func keyringStopped(dir string) error {
	if err := errors.Join(checkKept(dir, ""), signalKeyring(syscall.SIGSTOP)); err != nil {
		return err
	}
	err := errors.Join(checkHanging(dir), checkHanging(dir))
	return errors.Join(err, signalKeyring(syscall.SIGCONT), checkKept(dir, token))
}

// busHangs has a bus that accepts connections and never answers.
func busHangs(dir string) error {
	path := filepath.Join(dir, "bus")
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	defer l.Close()
	os.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+path)
	return errors.Join(checkHanging(dir), checkHanging(dir))
}

// silentService is a secret service that answers nothing, or only the first queries.
type silentService struct{ properties bool }

func (s silentService) Get(_, name string) (dbus.Variant, *dbus.Error) {
	if !s.properties {
		select {}
	}
	if name == "Locked" {
		return dbus.MakeVariant(false), nil
	}
	return dbus.MakeVariant([]dbus.ObjectPath{loginPath}), nil
}

func (silentService) Unlock([]dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	select {}
}

// serviceRefused has a service to which the bus delivers no messages.
func serviceRefused(dir string) error {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.RequestName(secretsName, dbus.NameFlagDoNotQueue); err != nil {
		return err
	}
	return opensAs(dir, Denied)
}

func serviceMute(dir string, properties bool) error {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	defer conn.Close()
	s := silentService{properties}
	for _, path := range []dbus.ObjectPath{secretsPath, loginPath} {
		err = errors.Join(err, conn.Export(s, path, "org.freedesktop.DBus.Properties"), conn.Export(s, path, serviceInterface))
	}
	if _, nameErr := conn.RequestName(secretsName, dbus.NameFlagDoNotQueue); errors.Join(err, nameErr) != nil {
		return errors.Join(err, nameErr)
	}
	return errors.Join(checkHanging(dir), checkHanging(dir))
}
