package ipp

import (
	"context"
	"fmt"
	"net/url"

	"github.com/OpenPrinting/goipp"
)

// CUPSPrinters asks a CUPS for attributes of all of its queues
// (CUPS-Get-Printers). A CUPS without queues returns none.
func CUPSPrinters(ctx context.Context, c *Client, attributes ...string) ([]goipp.Attributes, error) {
	all, err := askCUPS(ctx, c, goipp.OpCupsGetPrinters, goipp.TagPrinterGroup, c.URI, attributes)
	if err != nil {
		return nil, fmt.Errorf("asking cups for its queues: %w", err)
	}
	return all, nil
}

// CUPSJobs asks a CUPS for attributes of the jobs of one queue that have not
// ended (Get-Jobs).
func CUPSJobs(ctx context.Context, c *Client, queue string, attributes ...string) ([]goipp.Attributes, error) {
	all, err := askCUPS(ctx, c, goipp.OpGetJobs, goipp.TagJobGroup, "ipp://localhost/printers/"+url.PathEscape(queue), attributes)
	if err != nil {
		return nil, fmt.Errorf("asking cups for the jobs of a queue: %w", err)
	}
	return all, nil
}

// askCUPS returns the groups with a tag of the answer to a request.
func askCUPS(ctx context.Context, c *Client, op goipp.Op, tag goipp.Tag, uri string, attributes []string) ([]goipp.Attributes, error) {
	m := NewRequest(Version20, op, uri)
	m.Operation.Add(Keyword("requested-attributes", attributes...))
	a, err := c.Do(ctx, m, nil)
	if IsStatus(err, goipp.StatusErrorNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []goipp.Attributes
	for _, g := range a.Groups {
		if g.Tag == tag {
			all = append(all, g.Attrs)
		}
	}
	return all, nil
}
