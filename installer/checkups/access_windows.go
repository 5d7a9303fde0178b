package checkups

import (
	"context"

	"github.com/printscout/printscout/internal/checkup"
)

// lookAtAccess is not in the table of Windows: the agent itself refuses a state
// folder that others may enter.
func (c *computer) lookAtAccess(context.Context) checkup.Finding {
	return checkup.Found(checkup.Info, "Access lists are not looked at on Windows.", "")
}
