package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/dev/peers/run"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// sender sends a document to a printer and returns what it reports: in its own
// words, and as a claim.
type sender struct {
	name string
	send func(ctx context.Context, uri string, d documentFile) (said string, c claim, err error)
}

// Names of senders. The backend gets the document through a pipe, as after a
// filter, or as a file.
const (
	scoutName = "scout"
	cupsPipe  = "CUPS, pipe"
	cupsFile  = "CUPS, file"
)

// findSenders returns the scout's delivery and, if it is on this machine, the ipp
// backend of CUPS.
func (m *measurement) findSenders() ([]sender, error) {
	all := []sender{{scoutName, deliverInProcess}}
	b, err := newBackend(m.dir)
	if errors.Is(err, run.ErrMissing) {
		m.report.addMissing(byCUPS)
		return all, nil
	}
	return append(all, b.newSender(cupsPipe, true), b.newSender(cupsFile, false)), err
}

// deliverInProcess delivers with package delivery in this process, over plain IPP as
// the backend does.
func deliverInProcess(ctx context.Context, uri string, d documentFile) (string, claim, error) {
	p := directory.Printer{ID: "bench", Name: "bench", URIs: []string{uri}, Floor: directory.GradeIPP}
	doc := delivery.Document{
		Title: "title", User: "user", Format: "application/pdf", Size: d.size,
		Open: func() (io.ReadCloser, error) { return os.Open(d.path) },
	}
	o := delivery.New(delivery.Config{}).Deliver(ctx, p, doc, delivery.Hooks{})
	if ctx.Err() != nil {
		return "no end", noEnd, nil
	}
	return string(o.State), stateClaim(o.State), nil
}

func stateClaim(s outcome.State) claim {
	switch s {
	case outcome.Delivered:
		return printed
	case outcome.NotSent:
		return notPrinted
	}
	return unsure
}

func (b backend) newSender(name string, pipe bool) sender {
	return sender{name, func(ctx context.Context, uri string, d documentFile) (string, claim, error) {
		statuses, err := b.printUntilDone(ctx, uri, d.path, pipe)
		if errors.Is(err, errNoEnd) {
			return "no end", noEnd, nil
		}
		if err != nil {
			return "", 0, err
		}
		return "exit " + strings.Trim(fmt.Sprint(statuses), "[]"), backendClaim(statuses[len(statuses)-1]), nil
	}}
}
