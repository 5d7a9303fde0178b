package checkups

import (
	"context"
	"fmt"

	"github.com/printscout/printscout/internal/checkup"
)

// lookAtInstallation looks for what a broken installation or an old version
// leaves.
func (c *computer) lookAtInstallation(ctx context.Context) checkup.Finding {
	var f checkup.Findings
	if s, err := c.agentStatus(ctx); err == nil && s.Version != c.Version {
		f.Add(checkup.Warn, fmt.Sprintf("The agent that runs is version %s, this command is version %s.", s.Version, c.Version), "restart the service; if it stays so, an old printscout stands first in PATH")
	}
	c.lookAtParts(ctx, &f)
	return f.Finding("Nothing of an old or broken installation was found.")
}
