package installer

import (
	"context"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// systemLayout returns the paths of this system. It asks the system: any user could
// set a variable of the environment.
func systemLayout() layout {
	data, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, windows.KF_FLAG_DEFAULT)
	if err != nil {
		data = `C:\ProgramData`
	}
	dir := filepath.Join(data, "PrintScout")
	return layout{stateDir: filepath.Join(dir, "State"), configDir: dir, recordDir: filepath.Join(dir, "Install")}
}

// steps returns the steps of this system in their order.
func (r *run) steps() []Step { return r.windowsSteps(r.windowsServiceStep()) }

// windowsServiceStep registers the service and starts it, anew where it ran: another
// program or other settings may have to take effect.
func (r *run) windowsServiceStep() Step {
	return Step{
		Name: "service",
		Plan: func(context.Context) (string, error) { return "register and start the service " + ServiceName, nil },
		Do: func(ctx context.Context, e *Entry) (string, error) {
			if err := e.keep("service", "registered"); err != nil {
				return "", err
			}
			if err := RegisterService(r.Binary); err != nil {
				return "", err
			}
			bounded, cancel := context.WithTimeout(ctx, r.Timeout)
			defer cancel()
			if err := StopService(bounded); err != nil {
				return "", err
			}
			if err := r.checkPortFree(ctx); err != nil {
				return "", err
			}
			if err := StartService(bounded); err != nil {
				return "", err
			}
			return "registered and started the service " + ServiceName, r.awaitAgent(ctx)
		},
		Undo: func(ctx context.Context, e *Entry) (string, error) {
			bounded, cancel := context.WithTimeout(ctx, r.Timeout)
			defer cancel()
			if err := RemoveService(bounded); err != nil || e.Values["service"] == "" {
				return "", err
			}
			return "removed the service " + ServiceName, nil
		},
	}
}
