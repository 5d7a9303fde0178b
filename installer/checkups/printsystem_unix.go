//go:build unix

package checkups

import (
	"context"
	"fmt"

	"github.com/printscout/printscout/internal/checkup"
)

func (c *computer) lookAtPrintSystem(ctx context.Context) checkup.Finding {
	all, err := c.cupsQueues(ctx)
	if err != nil {
		return checkup.Found(checkup.Fail, checkup.Sentence(err.Error()), "install CUPS and start it (sudo systemctl start cups), then run: sudo printscout install")
	}
	return checkup.Found(checkup.Pass, fmt.Sprintf("CUPS answers. Print queues: %d.", len(all)), "")
}

func (c *computer) lookAtQueue(ctx context.Context) checkup.Finding { return c.lookAtQueueOfCUPS(ctx) }

// lookAtProtectedPrint is in the table of Windows alone.
func (c *computer) lookAtProtectedPrint(context.Context) checkup.Finding {
	return checkup.Found(checkup.Info, "This system has no such mode.", "")
}
