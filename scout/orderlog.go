package scout

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"sync"
	"time"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/durable"
	"github.com/printscout/printscout/internal/outcome"
)

// keepOrders is how long an order that was carried out is remembered: longer
// than any server may repeat it (docs/protocol.md). An order whose delivery
// never began is remembered for keepUnbegun, while it could still count as
// fresh.
const (
	keepOrders  = 48 * time.Hour
	keepUnbegun = maxValid + 2*maxSkew
)

// errNoJournal means that orders cannot be written down, so that none may be
// carried out.
var errNoJournal = errors.New("the journal of orders (" + ordersFile + ") cannot be written")

// ordersFile, in the state folder, is the order log.
const ordersFile = "orders.log"

// orderLog remembers every order that was accepted, so that none is carried
// out twice; how far its delivery is, so that it can be continued after a
// crash; and its result, so that it can be repeated. Each line is on disk
// before the step that it describes is taken.
type orderLog struct {
	file string
	now  func() time.Time

	mu     sync.Mutex
	out    *os.File // nil while it cannot be opened
	orders map[string]*orderEntry
	grown  int  // bytes since the file was rewritten
	least  int  // bytes of the file when it was rewritten
	torn   bool // the last line may lack its end
}

// orderEntry is one line of the log; the last line of an order counts.
type orderEntry struct {
	Order   string    `json:"order"`
	Job     string    `json:"job"`
	Printer string    `json:"printer,omitempty"` // its id in the directory
	At      time.Time `json:"at"`
	// Taken is when the order was accepted.
	Taken time.Time `json:"taken,omitzero"`
	// Document is the index of the document that Point belongs to.
	Document int             `json:"document,omitempty"`
	Point    *delivery.Point `json:"point,omitempty"`  // how far its delivery is; nil while it has not begun
	Result   *loggedResult   `json:"result,omitempty"` // nil while it is carried out
	// NeverBegan says of a result that no printer was asked for anything.
	NeverBegan bool `json:"never_began,omitempty"`

	untouched bool // no step of it was written since this process accepted it
}

// loggedResult is the result of an order without anything that a printer said
// in its own words, which only the sealed note of the job holds. Such words in
// lines of older versions are dropped when the file is rewritten at the start.
type loggedResult struct {
	Job     string `json:"job"`
	Printer string `json:"printer"`
	outcome.Result
}

// hasBegun reports whether a document of the order may have reached a printer
// and its end is not known.
func (e *orderEntry) hasBegun() bool { return e.Point != nil && e.Result == nil }

// compactAt is how much the file must grow, or by its own size if that is
// more, before what no longer counts is dropped.
const compactAt = 1 << 20

func openOrderLog(file string, now func() time.Time) (*orderLog, error) {
	l := &orderLog{file: file, now: now, orders: map[string]*orderEntry{}}
	f, err := openOwn(file, os.O_RDONLY)
	switch {
	case err == nil:
		err = errors.Join(l.readLines(f), f.Close())
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the orders: %w", err)
	}
	return l, l.compact()
}

// compact rewrites the file with the last line of each order that still
// counts, and continues with it; if that fails, as on a full disk, it
// continues with the file as it is. An error means that there is no file to
// continue with.
func (l *orderLog) compact() error {
	l.closeFile()
	maps.DeleteFunc(l.orders, func(_ string, e *orderEntry) bool { return l.mayForget(e) })
	failed := l.rewrite()
	if err := l.reopen(); err != nil {
		return errors.Join(failed, err)
	}
	l.torn = failed != nil
	return nil
}

// reopen opens the file for appending. A file that is gone is rewritten from
// what is remembered.
func (l *orderLog) reopen() error {
	out, err := openOwn(l.file, os.O_APPEND|os.O_WRONLY)
	if errors.Is(err, fs.ErrNotExist) {
		if err = l.rewrite(); err == nil {
			out, err = openOwn(l.file, os.O_APPEND|os.O_WRONLY)
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errNoJournal, err)
	}
	l.out, l.grown, l.torn = out, 0, true
	return nil
}

func (l *orderLog) closeFile() {
	if l.out != nil {
		l.out.Close()
		l.out = nil
	}
}

// mayForget reports whether an order need not be remembered any more, which is
// never true of one that is being carried out.
func (l *orderLog) mayForget(e *orderEntry) bool {
	keep := keepOrders
	if e.NeverBegan {
		keep = keepUnbegun
	}
	return e.Result != nil && l.now().Sub(e.At) >= keep
}

// maxOrderLine is more bytes than any line has.
const maxOrderLine = 1 << 20

// readLines skips a line that was torn: what it describes had not begun.
func (l *orderLog) readLines(r io.Reader) error {
	in := bufio.NewReaderSize(r, maxOrderLine)
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			continue // not a line of ours; neither is the rest of it
		}
		e := new(orderEntry)
		if json.Unmarshal(line, e) == nil && e.Order != "" {
			l.orders[e.Order] = e
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// rewrite replaces the file with one line for each order.
func (l *orderLog) rewrite() error {
	var b bytes.Buffer
	for _, e := range l.orders {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("writing the orders: %w", err)
		}
		b.Write(append(line, '\n'))
	}
	l.least = b.Len()
	return durable.WriteFile(l.file, b.Bytes())
}

// appendEntry writes a line and syncs it to disk.
func (l *orderLog) appendEntry(e *orderEntry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("writing the order down: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out == nil {
		if err := l.reopen(); err != nil {
			return err
		}
	}
	if l.torn {
		line = append([]byte{'\n'}, line...)
	}
	// A disk that fills up may take only part of a line, and the next line must
	// not be lost with it.
	l.torn = true
	if _, err := l.out.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("%w: %w", errNoJournal, err)
	}
	l.torn = false
	if err := l.out.Sync(); err != nil {
		return fmt.Errorf("%w: %w", errNoJournal, err)
	}
	l.orders[e.Order] = e
	if l.grown += len(line) + 1; l.grown >= max(compactAt, l.least) {
		_ = l.compact() // the line is on disk; if there is no file to continue with, the next line fails
	}
	return nil
}

// recordTaken records that an order is accepted.
func (l *orderLog) recordTaken(order, job, printer string) error {
	now := l.now()
	return l.appendEntry(&orderEntry{Order: order, Job: job, Printer: printer, At: now, Taken: now, untouched: true})
}

// recordStep records how far the delivery of one of the job's documents is;
// nil means that the document has come to its end.
func (l *orderLog) recordStep(order string, document int, p *delivery.Point) error {
	e := orderEntry{Order: order}
	if known := l.lastEntry(order); known != nil {
		e = *known
	}
	e.At, e.Document, e.Point, e.untouched = l.now(), document, p, false
	return l.appendEntry(&e)
}

// recordResult records the result of an order.
func (l *orderLog) recordResult(order string, r control.Result) error {
	known := l.lastEntry(order)
	never := known != nil && known.untouched && r.State == outcome.NotSent
	return l.appendEntry(&orderEntry{
		Order: order, Job: r.Job, At: l.now(), NeverBegan: never,
		Result: &loggedResult{Job: r.Job, Printer: r.Printer, Result: r.Words()},
	})
}

// lastEntry returns what is known of an order, nil if it was never accepted.
func (l *orderLog) lastEntry(order string) *orderEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.orders[order]
}

// unfinishedOrders returns the orders that were being carried out when the
// agent stopped, and the jobs whose orders ended in a printed document.
func (l *orderLog) unfinishedOrders() (open []orderEntry, delivered []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.orders {
		switch {
		case e.Result == nil:
			open = append(open, *e)
		case e.Result.State == outcome.Delivered:
			delivered = append(delivered, e.Job)
		}
	}
	return open, delivered
}

func (l *orderLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closeFile()
}
