package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/user"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/printscout/printscout/internal/ipp"
)

// client prints at one of the printers. Both sides have the same client.
type client struct {
	*ipp.Client
	user string
}

// statusBusy is server-error-busy (RFC 8011 §B.1.5.8).
const statusBusy = 0x0507

// roundTime bounds one round of one load.
const roundTime = 5 * time.Minute

// newClient returns a client that opens a connection for each job, as the print
// queues of operating systems do.
func newClient(uri string) (client, error) {
	me, err := user.Current()
	if err != nil {
		return client{}, fmt.Errorf("looking up the user: %w", err)
	}
	t := &http.Transport{DisableKeepAlives: true, DisableCompression: true, WriteBufferSize: 256 << 10}
	return client{&ipp.Client{HTTP: &http.Client{Transport: t}, URI: uri}, me.Username}, nil
}

// spent is what a round took.
type spent struct {
	time  time.Duration
	again int // how often a document was sent again because the printer was busy
}

// printLoad sends a load and returns when the printer has accepted all of it.
func (c client) printLoad(ctx context.Context, l load, k documentKind) (spent, error) {
	ctx, cancel := context.WithTimeout(ctx, roundTime)
	defer cancel()
	var sent, again atomic.Int64
	var wg sync.WaitGroup
	failed := make([]error, l.clients)
	start := time.Now()
	for i := range l.clients {
		wg.Go(func() {
			for sent.Add(1) <= int64(l.count) && failed[i] == nil {
				failed[i] = c.printDocument(ctx, l.size, k, &again)
			}
		})
	}
	wg.Wait()
	return spent{time.Since(start), int(again.Load())}, errors.Join(failed...)
}

// printDocument prints a document, and tries again while the printer is busy.
func (c client) printDocument(ctx context.Context, size int64, k documentKind, again *atomic.Int64) error {
	job := ipp.PrintJob{Title: "bench", User: c.user, Format: "application/pdf"}
	for n := 0; ; n++ {
		_, err := c.Print(ctx, job, ipp.Document{Reader: k.newReader(size), Size: size})
		if err == nil {
			return nil
		}
		if !isBusy(err) {
			return fmt.Errorf("printing at %s: %w", c.URI, err)
		}
		again.Add(1)
		select {
		case <-time.After(retryPause(n)):
		case <-ctx.Done():
			return fmt.Errorf("printing at %s: %w", c.URI, ctx.Err())
		}
	}
}

// retryPause returns how long a client waits before the n-th retry. It is short at
// first, so that a printer that accepts one job at a time is not idle, and grows,
// so that many clients do not keep the printer busy with refusals.
func retryPause(n int) time.Duration {
	longest := 250 * time.Microsecond << min(n, 5)
	return longest/2 + rand.N(longest/2)
}

// isBusy reports whether the printer may accept the document later. ippeveprinter
// closes the connection in mid-document when it is busy, and its answer may be
// lost.
func isBusy(err error) bool {
	if e, ok := errors.AsType[*ipp.StatusError](err); ok {
		return e.Status == statusBusy
	}
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// isAccepting reports whether the printer takes jobs.
func (c client) isAccepting(ctx context.Context) bool {
	const getPrinterAttributes = 0x000b
	m := ipp.NewRequest(ipp.Version20, getPrinterAttributes, c.URI)
	m.Operation.Add(ipp.Keyword("requested-attributes", "printer-is-accepting-jobs"))
	a, err := c.Do(ctx, m, nil)
	if err != nil {
		return false
	}
	yes, _ := ipp.Bool(a.Printer, "printer-is-accepting-jobs")
	return yes
}
