package checkups

import (
	"context"
	"fmt"
	"os"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/identity"
)

// binaries are where packages and archives put this program.
var binaries = []string{"/usr/bin/printscout", "/usr/local/bin/printscout"}

// lookAtParts looks whether what one part of an installation needs of another is
// there.
func (c *computer) lookAtParts(ctx context.Context, f *checkup.Findings) {
	unit := c.serviceUnit()
	if unit != "" {
		c.lookAtUnitParts(f, unit)
	} else if s, err := c.sortQueues(ctx); err == nil && s.ours != nil {
		if _, err := c.agentStatus(ctx); err != nil {
			f.Add(checkup.Fail, fmt.Sprintf("The queue %s is left, but no service runs an agent.", s.ours.name), "sudo printscout install, or sudo printscout uninstall")
		}
	}
	if isFile(c.path(binaries[0])) && isFile(c.path(binaries[1])) {
		f.Add(checkup.Warn, fmt.Sprintf("There are two programs, %s and %s: one of them is left over.", binaries[0], binaries[1]), "remove the one that no package owns")
	}
	if entries, err := os.ReadDir(c.path("/var/lib/printscout")); err == nil && unit == "" && len(entries) > 0 {
		f.Add(checkup.Info, "/var/lib/printscout is left of an installation, with its keys and jobs.", "sudo printscout uninstall --purge removes it")
	}
}

func (c *computer) lookAtUnitParts(f *checkup.Findings, unit string) {
	text, err := readSmall(unit, 64<<10)
	if err != nil {
		f.Failed(err, "")
		return
	}
	if program := execStart(text); program != "" && !isFile(c.path(program)) {
		f.Add(checkup.Fail, fmt.Sprintf("The unit %s starts %s, which is not there.", unit, program), "install Print Scout again, or sudo printscout uninstall")
	}
	if _, ok := identity.UIDOf(serviceAccount); !ok && c.Root == "" {
		f.Add(checkup.Fail, "The account "+serviceAccount+", as which the service runs, is not there.", "sudo systemd-sysusers, or sudo printscout install")
	}
}
