package checkups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/printscout/printscout/internal/checkup"
)

func (c *computer) lookAtTrayHost(ctx context.Context) checkup.Finding {
	if c.Desktop == nil {
		return checkup.Found(checkup.Info, "The desktop was not asked.", "")
	}
	d, err := c.Desktop(ctx)
	switch {
	case err != nil:
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), "run it within your desktop session")
	case !d.Session:
		return checkup.Found(checkup.Info, "This command belongs to no desktop session.", "to check the panel, run it within your desktop session")
	case d.Host:
		return checkup.Found(checkup.Pass, "The panel of this session shows icons.", "")
	}
	const open = "printscout open shows your jobs in the browser without an icon"
	if strings.Contains(strings.ToUpper(c.Env("XDG_CURRENT_DESKTOP")), "GNOME") {
		return checkup.Found(checkup.Warn, "GNOME shows no icons in its panel without an extension.", "install the extension AppIndicator and KStatusNotifierItem Support; "+open)
	}
	return checkup.Found(checkup.Warn, "No panel of this session shows icons.", "add the status tray to a panel; "+open)
}

// autostartFile starts the tray with each session.
const autostartFile = "xdg/autostart/printscout-tray.desktop"

func (c *computer) lookAtAutostart(context.Context) checkup.Finding {
	wanted := c.yes("TrayAutostart", true)
	system := c.path("/etc/" + autostartFile)
	_, err := os.Lstat(system)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), "")
	case err != nil && wanted:
		return checkup.Found(checkup.Warn, fmt.Sprintf("The tray does not start with a session: there is no %s.", system), "sudo printscout install")
	case err == nil && !wanted:
		return checkup.Found(checkup.Warn, "The tray starts with each session, although the setting TrayAutostart says no.", "sudo printscout install")
	case err != nil:
		return checkup.Found(checkup.Pass, "The tray does not start by itself, as the setting TrayAutostart says.", "")
	}
	own, err := readSmall(filepath.Join(c.Home, ".config/autostart/printscout-tray.desktop"), 64<<10)
	if err == nil && strings.Contains(strings.ReplaceAll(strings.ToLower(string(own)), " ", ""), "hidden=true") {
		return checkup.Found(checkup.Info, "You have turned the tray off for your own sessions.", "remove ~/.config/autostart/printscout-tray.desktop to have it again")
	}
	return checkup.Found(checkup.Pass, "The tray starts with each session.", "")
}
