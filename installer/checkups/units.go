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

// unitNames are those of our units.
var unitNames = []string{"printscout.service", "printscout.socket", "printscout-queue.service", "printscout-queue.path"}

// Where units are. One in the first folder goes before that of a package in the
// others (systemd.unit(5)).
const ownUnits = "/etc/systemd/system"

var packageUnits = []string{"/usr/lib/systemd/system", "/lib/systemd/system"}

func (c *computer) lookAtUnits(context.Context) checkup.Finding {
	var f checkup.Findings
	for _, name := range unitNames {
		own := filepath.Join(c.path(ownUnits), name)
		info, err := os.Lstat(own)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			f.Failed(err, "")
			continue
		}
		if target, err := os.Readlink(own); err == nil && target == "/dev/null" {
			f.Add(checkup.Fail, fmt.Sprintf("The unit %s is masked: systemd does not start it.", name), "sudo systemctl unmask "+name)
			continue
		}
		if of := c.packageUnit(name); of != "" && info.Mode().IsRegular() {
			f.Add(checkup.Warn, fmt.Sprintf("The unit %s masks the package's %s: what the package changes there is not in force.", own, of),
				"if it is left over from an earlier installation: sudo rm "+own+" and sudo systemctl daemon-reload")
		}
	}
	return f.Finding("No unit in " + ownUnits + " masks one of a package.")
}

// packageUnit returns the path of a package's unit, "" for none.
func (c *computer) packageUnit(name string) string {
	for _, dir := range packageUnits {
		path := filepath.Join(c.path(dir), name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

// serviceUnit returns the unit that is in force, "" for none.
func (c *computer) serviceUnit() string {
	if path := filepath.Join(c.path(ownUnits), unitNames[0]); isFile(path) {
		return path
	}
	return c.packageUnit(unitNames[0])
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// execStart returns the program that a unit starts.
func execStart(unit []byte) string {
	for _, line := range strings.Split(string(unit), "\n") {
		if command, ok := strings.CutPrefix(strings.TrimSpace(line), "ExecStart="); ok {
			if fields := strings.Fields(command); len(fields) > 0 {
				return strings.TrimLeft(fields[0], "-@:+!")
			}
		}
	}
	return ""
}
