package installer

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

// ServiceName is the name of the agent's Windows service. Its SID is that of
// NT SERVICE\PrintScout.
const ServiceName = "PrintScout"

// ErrNoService means that the agent's service is not registered.
var ErrNoService = errors.New("the service " + ServiceName + " is not registered: run printscout install as an administrator")

// privileges are what is left to the service of those that SYSTEM has: to pass
// through folders, and to ask the token of a pipe's client who it is.
var privileges = []string{"SeChangeNotifyPrivilege", "SeImpersonatePrivilege"}

// restarts are the delays after which the service manager starts a service again
// that ended by itself; the last one stands for all further ends.
var restarts = []time.Duration{2 * time.Second, 2 * time.Second, 10 * time.Second}

// restartReset is the time without an end after which restarts begin anew.
const restartReset = 24 * time.Hour

// RegisterService registers the program as the agent's service, which starts with
// the computer. A service that is there already is changed to that, and goes on
// running as it was until it is started anew.
func RegisterService(exe string) error {
	m, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("connecting to the service manager: %w", err)
	}
	defer m.Disconnect()
	s, err := m.OpenService(ServiceName)
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		s, err = m.CreateService(ServiceName, exe, mgr.Config{StartType: mgr.StartAutomatic, DisplayName: serviceDisplay}, "service")
	}
	if errors.Is(err, windows.ERROR_SERVICE_MARKED_FOR_DELETE) {
		return fmt.Errorf("registering the service: %w; close what shows it, such as the window Services, and try again", err)
	}
	if err != nil {
		return fmt.Errorf("registering the service: %w", err)
	}
	defer s.Close()
	return configureService(s, exe)
}

// What the service is registered as. SYSTEM is what it takes to see who a print
// client is (docs/service.md).
const (
	serviceAccount     = "LocalSystem"
	serviceDisplay     = "Print Scout"
	serviceDescription = "Keeps what is printed to Print Scout sealed on this computer until its owner releases it at a printer."
)

func commandLine(exe string) string { return syscall.EscapeArg(exe) + " service" }

func configureService(s *mgr.Service, exe string) error {
	text, err := utf16Pointers(commandLine(exe), serviceAccount, serviceDisplay, serviceDescription)
	if err == nil {
		err = windows.ChangeServiceConfig(s.Handle, windows.SERVICE_WIN32_OWN_PROCESS, mgr.StartAutomatic, mgr.ErrorNormal,
			text[0], nil, nil, nil, text[1], nil, text[2])
	}
	if err != nil {
		return fmt.Errorf("configuring the service: %w", err)
	}
	sidType, block := uint32(windows.SERVICE_SID_TYPE_UNRESTRICTED), utf16Block(privileges)
	for _, part := range []struct {
		what  string
		level uint32
		info  unsafe.Pointer
	}{
		{"describing the service", windows.SERVICE_CONFIG_DESCRIPTION, unsafe.Pointer(&windows.SERVICE_DESCRIPTION{Description: text[3]})},
		{"starting the service at once", windows.SERVICE_CONFIG_DELAYED_AUTO_START_INFO, unsafe.Pointer(new(windows.SERVICE_DELAYED_AUTO_START_INFO))},
		{"giving the service a SID", windows.SERVICE_CONFIG_SERVICE_SID_INFO, unsafe.Pointer(&sidType)},
		{"limiting the privileges of the service", windows.SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, unsafe.Pointer(&struct{ names *uint16 }{&block[0]})},
	} {
		if err := unlessUnknown(windows.ChangeServiceConfig2(s.Handle, part.level, (*byte)(part.info))); err != nil {
			return fmt.Errorf("%s: %w", part.what, err)
		}
	}
	if err := setRecovery(s); err != nil {
		return fmt.Errorf("having the service restarted: %w", err)
	}
	return nil
}

// unlessUnknown returns nil for the error of a system that does not know what was
// to be configured: Wine. Every Windows that Go runs on knows all of it.
func unlessUnknown(err error) error {
	if errors.Is(err, windows.ERROR_INVALID_LEVEL) {
		return nil
	}
	return err
}

func setRecovery(s *mgr.Service) error {
	var actions []mgr.RecoveryAction
	for _, delay := range restarts {
		actions = append(actions, mgr.RecoveryAction{Type: mgr.ServiceRestart, Delay: delay})
	}
	if err := s.SetRecoveryActions(actions, uint32(restartReset/time.Second)); unlessUnknown(err) != nil {
		return err
	}
	return unlessUnknown(s.SetRecoveryActionsOnNonCrashFailures(true))
}

func utf16Pointers(texts ...string) (all []*uint16, err error) {
	for _, text := range texts {
		p, err := windows.UTF16PtrFromString(text)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// utf16Block returns texts as Windows takes a list of them (REG_MULTI_SZ).
func utf16Block(texts []string) (block []uint16) {
	for _, text := range texts {
		block = append(append(block, utf16.Encode([]rune(text))...), 0)
	}
	return append(block, 0)
}

// StartService starts the agent's service, and returns once it runs, or ctx ends.
// A service that runs already is no error.
func StartService(ctx context.Context) error {
	return withService(func(s *mgr.Service) error {
		if err := s.Start(); err != nil && !errors.Is(err, windows.ERROR_SERVICE_ALREADY_RUNNING) {
			return fmt.Errorf("starting the service: %w", err)
		}
		return awaitState(ctx, s, svc.Running)
	})
}

// StopService stops the agent's service, and returns once it has stopped, or ctx
// ends. A service that does not run is no error.
func StopService(ctx context.Context) error {
	return withService(func(s *mgr.Service) error { return stopService(ctx, s) })
}

// RemoveService stops the agent's service and removes its registration. A service
// that is not registered is no error.
func RemoveService(ctx context.Context) error {
	err := withService(func(s *mgr.Service) error {
		if err := stopService(ctx, s); err != nil {
			return err
		}
		if err := s.Delete(); err != nil && !errors.Is(err, windows.ERROR_SERVICE_MARKED_FOR_DELETE) {
			return fmt.Errorf("removing the service: %w", err)
		}
		return nil
	})
	if errors.Is(err, ErrNoService) {
		return nil
	}
	return err
}

func withService(do func(*mgr.Service) error) error {
	m, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("connecting to the service manager: %w", err)
	}
	defer m.Disconnect()
	s, err := m.OpenService(ServiceName)
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		return ErrNoService
	}
	if err != nil {
		return fmt.Errorf("opening the service: %w", err)
	}
	defer s.Close()
	return do(s)
}

func stopService(ctx context.Context, s *mgr.Service) error {
	if _, err := s.Control(svc.Stop); err != nil && !errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return fmt.Errorf("stopping the service: %w", err)
	}
	return awaitState(ctx, s, svc.Stopped)
}

// stateEvery is how often the service manager is asked for a state that is awaited.
const stateEvery = 100 * time.Millisecond

func awaitState(ctx context.Context, s *mgr.Service, want svc.State) error {
	tick := time.NewTicker(stateEvery)
	defer tick.Stop()
	for {
		is, err := s.Query()
		switch {
		case err != nil:
			return fmt.Errorf("asking for the state of the service: %w", err)
		case is.State == want:
			return nil
		case want == svc.Running && is.State == svc.Stopped:
			return fmt.Errorf("the service has ended by itself, with status %d: see the log of Print Scout", is.Win32ExitCode)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the service: %w", ctx.Err())
		case <-tick.C:
		}
	}
}
