package installer

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

// TestMain is also the service that the tests register.
func TestMain(m *testing.M) {
	if slices.Equal(os.Args[1:], []string{"service"}) {
		svc.Run(ServiceName, quietService{})
		return
	}
	os.Exit(m.Run())
}

// quietService runs until it is stopped.
type quietService struct{}

func (quietService) Execute(_ []string, requests <-chan svc.ChangeRequest, states chan<- svc.Status) (bool, uint32) {
	states <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop}
	for r := range requests {
		if r.Cmd == svc.Stop {
			states <- svc.Status{State: svc.StopPending}
			return false, 0
		}
		states <- r.CurrentStatus
	}
	return false, 0
}

func TestWindowsService(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := RemoveService(ctx); err != nil {
		t.Fatalf("removing what is not there: %v", err)
	}
	if err := StartService(ctx); !errors.Is(err, ErrNoService) {
		t.Errorf("starting what is not there: %v", err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := RegisterService(`C:\an earlier\program.exe`); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"changed", "unchanged"} {
		if err := RegisterService(exe); err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		checkRegistration(t, exe)
	}
	for _, do := range []struct {
		what string
		run  func(context.Context) error
	}{
		{"start", StartService}, {"start again", StartService}, {"stop", StopService}, {"stop again", StopService},
		{"start once more", StartService}, {"remove", RemoveService}, {"remove again", RemoveService},
	} {
		if err := do.run(ctx); err != nil {
			t.Errorf("%s: %v", do.what, err)
		}
	}
	if err := StopService(ctx); !errors.Is(err, ErrNoService) {
		t.Errorf("it is still there: %v", err)
	}
}

// checkRegistration reads back what the system was told.
func checkRegistration(t *testing.T, exe string) {
	t.Helper()
	err := withService(func(s *mgr.Service) error {
		checkBasics(t, s, exe)
		if isWine() {
			return nil
		}
		is, err := s.Config()
		if err != nil {
			return err
		}
		if is.SidType != windows.SERVICE_SID_TYPE_UNRESTRICTED || is.DelayedAutoStart || is.Description != serviceDescription {
			t.Errorf("registered as %+v", is)
		}
		actions, err := s.RecoveryActions()
		if err != nil {
			return err
		}
		if len(actions) != len(restarts) || actions[0].Type != mgr.ServiceRestart {
			t.Errorf("its recovery is %+v", actions)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// checkBasics asks by the call that Wine knows too.
func checkBasics(t *testing.T, s *mgr.Service, exe string) {
	t.Helper()
	b := make([]byte, 8192)
	is := (*windows.QUERY_SERVICE_CONFIG)(unsafe.Pointer(&b[0]))
	var need uint32
	if err := windows.QueryServiceConfig(s.Handle, is, uint32(len(b)), &need); err != nil {
		t.Fatal(err)
	}
	path, account, name := windows.UTF16PtrToString(is.BinaryPathName), windows.UTF16PtrToString(is.ServiceStartName), windows.UTF16PtrToString(is.DisplayName)
	if path != commandLine(exe) || account != serviceAccount || name != serviceDisplay || is.StartType != mgr.StartAutomatic || is.ServiceType != windows.SERVICE_WIN32_OWN_PROCESS {
		t.Errorf("registered as %s of %s, %s, %+v", path, account, name, is)
	}
}

func TestCommandLine(t *testing.T) {
	if got := commandLine(`C:\Program Files\Print Scout\printscout.exe`); got != `"C:\Program Files\Print Scout\printscout.exe" service` {
		t.Error(got)
	}
}

// isWine reports whether this is Wine, which takes some of a service's
// configuration and forgets it.
func isWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}
