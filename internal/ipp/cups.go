package ipp

import (
	"context"
	"fmt"

	"github.com/OpenPrinting/goipp"
)

// CUPSPrinters asks a CUPS for attributes of all of its queues
// (CUPS-Get-Printers). A CUPS without queues returns none.
func CUPSPrinters(ctx context.Context, c *Client, attributes ...string) ([]goipp.Attributes, error) {
	m := NewRequest(Version20, goipp.OpCupsGetPrinters, c.URI)
	m.Operation.Add(Keyword("requested-attributes", attributes...))
	a, err := c.Do(ctx, m, nil)
	if IsStatus(err, goipp.StatusErrorNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking cups for its queues: %w", err)
	}
	var all []goipp.Attributes
	for _, g := range a.Groups {
		if g.Tag == goipp.TagPrinterGroup {
			all = append(all, g.Attrs)
		}
	}
	return all, nil
}
