package scout

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/control"
)

// claimJob marks a job as being released for an order that no journal knows.
func (t *jobTable) claimJob(id uuid.UUID, printer, order string, cancel context.CancelCauseFunc) error {
	return t.claimFor(id, printer, order, cancel, nil)
}

// allResults are those of a report that were there when they were asked for.
func allResults(t *testing.T, r control.Report) []control.Result {
	t.Helper()
	return slices.Collect(r.Results)
}
