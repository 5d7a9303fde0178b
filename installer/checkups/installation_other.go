//go:build !linux

package checkups

import (
	"context"

	"github.com/printscout/printscout/internal/checkup"
)

// lookAtParts looks at nothing: what an installation leaves is only known on
// Linux so far.
func (c *computer) lookAtParts(context.Context, *checkup.Findings) {}
