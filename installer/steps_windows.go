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

// windowsServiceStep registers the service with the service control manager.
func (r *run) windowsServiceStep() Step {
	return Step{
		Name: "service",
		Plan: func(context.Context) (string, error) { return "register and start the service " + accountName, nil },
		Do: func(ctx context.Context, e *Entry) (string, error) {
			if err := e.keep("service", "registered"); err != nil {
				return "", err
			}
			for _, args := range [][]string{
				{"create", accountName, "binPath=", `"` + r.Binary + `" service`, "start=", "auto", "DisplayName=", "Print Scout"},
				{"failure", accountName, "reset=", "86400", "actions=", "restart/2000/restart/2000/restart/60000"},
				{"failureflag", accountName, "1"},
			} {
				if err := r.sc(ctx, args...); err != nil && !r.isRegistered(ctx) {
					return "", err
				}
			}
			if _, err := r.agent.Status(ctx); err != nil {
				if err := r.sc(ctx, "start", accountName); err != nil {
					return "", err
				}
			}
			return "registered and started the service", r.awaitAgent(ctx)
		},
		Undo: func(ctx context.Context, _ *Entry) (string, error) {
			if !r.isRegistered(ctx) {
				return "", nil
			}
			_ = r.sc(ctx, "stop", accountName) // fails where it is stopped
			return "removed the service", r.sc(ctx, "delete", accountName)
		},
	}
}

func (r *run) isRegistered(ctx context.Context) bool { return r.sc(ctx, "query", accountName) == nil }

func (r *run) sc(ctx context.Context, args ...string) error {
	_, err := r.Runner.Run(ctx, Command{Name: "sc.exe", Args: args})
	return err
}
