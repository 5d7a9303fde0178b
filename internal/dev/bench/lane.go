package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/internal/dev/peers/run"
	"github.com/printscout/printscout/internal/ipp"
)

// lane is an ippeveprinter with a forwarder in front of it, to which documents are
// sent one at a time.
type lane struct {
	printer   *run.Printer
	asking    client // queries the printer directly
	forwarder *forwarder
	done      string // file that the job command makes when it ends
}

// slowly is a job command that takes three seconds, quickly one that takes none;
// both make a file when they end.
const (
	tellsEnd = `: > "$0.done"`
	slowly   = "sleep 3\n" + tellsEnd
	quickly  = tellsEnd
)

// openLane starts both in a folder.
func openLane(ctx context.Context, dir, script string) (*lane, error) {
	p, err := run.StartPrinterWith(ctx, dir, script)
	if err != nil {
		return nil, err
	}
	l := &lane{printer: p, done: filepath.Join(dir, "job.sh.done")}
	u, err := url.Parse(p.URI)
	if err == nil {
		l.forwarder, err = newForwarder(u.Host, []byte(pdfHead[:8]))
	}
	if err == nil {
		l.asking, err = newClient(p.URI)
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *lane) close() {
	if l.forwarder != nil {
		l.forwarder.close()
	}
	l.printer.Stop()
}

// orderTime bounds one document, from the order until the printer is done.
const orderTime = 2 * time.Minute

// measureSending times sending a document to the printer through the forwarder, and
// checks that it has arrived once and whole.
func (l *lane) measureSending(ctx context.Context, d documentFile, send func(context.Context) error) (t timing, err error) {
	ctx, cancel := context.WithTimeout(ctx, orderTime)
	defer cancel()
	start := time.Now()
	if err := send(ctx); err != nil {
		return t, err
	}
	end := time.Now()
	a, err := l.forwarder.takeArrival()
	if err != nil {
		return t, err
	}
	done, err := l.awaitDocument(ctx, d)
	if err != nil {
		return t, err
	}
	return timing{first: a.first.Sub(start), sending: a.first.Sub(a.connected), total: end.Sub(start), late: end.Sub(done)}, nil
}

// awaitDocument waits until the printer is done, checks that it has the document
// once and whole, and removes it. It returns the time at which the job command
// ended.
func (l *lane) awaitDocument(ctx context.Context, d documentFile) (done time.Time, err error) {
	if done, err = l.awaitIdle(ctx); err != nil {
		return done, err
	}
	if err := os.Remove(l.done); err != nil {
		return done, fmt.Errorf("tidying up after the job command: %w", err)
	}
	n, size, err := l.printer.Empty()
	if err == nil && (n != 1 || size != d.size) {
		err = fmt.Errorf("ippeveprinter has %d documents of %d bytes, not one of %d", n, size, d.size)
	}
	return done, err
}

var errBusy = errors.New("the printer does not finish its job")

// awaitIdle waits until the job command has ended and the printer is idle: the
// printer reports idle before the command begins, too.
func (l *lane) awaitIdle(ctx context.Context) (done time.Time, err error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if info, err := os.Stat(l.done); err == nil && l.isIdle(ctx) {
			return info.ModTime(), nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return done, fmt.Errorf("%w: %w", errBusy, ctx.Err())
		}
	}
}

// isIdle reports whether the printer reports that it is idle (RFC 8011 §5.4.11).
func (l *lane) isIdle(ctx context.Context) bool {
	const idle = 3
	m := ipp.NewRequest(ipp.Version20, opGetPrinterAttributes, l.asking.URI)
	m.Operation.Add(ipp.Keyword("requested-attributes", "printer-state"))
	a, err := l.asking.Do(ctx, m, nil)
	if err != nil {
		return false
	}
	state, _ := ipp.Int(a.Printer, "printer-state")
	return state == idle
}
