package ipp

import (
	"context"
	"fmt"

	"github.com/OpenPrinting/goipp"
)

// PrintJob describes the document for Client.Print.
type PrintJob struct {
	Title  string
	User   string
	Format string // media type
}

// Print sends a document with Print-Job (RFC 8011 §4.2.1), as an app would, and
// returns the job-id that the printer gave it.
func (c *Client) Print(ctx context.Context, job PrintJob, doc Document) (int, error) {
	m := NewRequest(Version20, goipp.OpPrintJob, c.URI)
	m.Operation.Add(Name("requesting-user-name", job.User))
	m.Operation.Add(Name("job-name", job.Title))
	m.Operation.Add(MIME("document-format", job.Format))
	a, err := c.Do(ctx, m, &doc)
	if err != nil {
		return 0, err
	}
	id, ok := Int(a.Job, "job-id")
	if !ok {
		return 0, fmt.Errorf("print-job: %w: the answer has no job-id", ErrMalformed)
	}
	return id, nil
}
