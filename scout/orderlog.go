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
// than any server may repeat one (docs/protocol.md). One whose delivery never
// began is remembered for keepUnbegun, while it could still be taken for fresh.
const (
	keepOrders  = 48 * time.Hour
	keepUnbegun = maxValid + 2*maxSkew
)

// errNoJournal means that orders cannot be written down, so that none may be
// carried out.
var errNoJournal = errors.New("the journal of orders (" + ordersFile + ") cannot be written")

// ordersFile, in the state folder, is the order log.
const ordersFile = "orders.log"

// orderLog remembers every order that was taken up, so that none is carried
// out twice, how far its delivery is, so that it can be gone on with after a
// crash, and what became of it, so that its result can be repeated. Each line
// is on disk before the thing it speaks of is done.
type orderLog struct {
	file string
	now  func() time.Time

	mu     sync.Mutex
	out    *os.File // nil while it cannot be opened
	orders map[string]*orderEntry
	grown  int  // bytes since the file was written anew
	least  int  // bytes of the file when it was
	torn   bool // the last line may lack its end
}

// orderEntry is one line of the log; the last line of an order counts.
type orderEntry struct {
	Order   string    `json:"order"`
	Job     string    `json:"job"`
	Printer string    `json:"printer,omitempty"` // its id in the directory
	At      time.Time `json:"at"`
	// Taken is when the order was taken up.
	Taken time.Time `json:"taken,omitzero"`
	// Document is the index of the one that Point is of.
	Document int             `json:"document,omitempty"`
	Point    *delivery.Point `json:"point,omitempty"`  // how far its delivery is; nil while it has not begun
	Result   *loggedResult   `json:"result,omitempty"` // nil while it goes on
	// NeverBegan says of a result that no printer was asked for anything.
	NeverBegan bool `json:"never_began,omitempty"`

	untouched bool // no step of it was written down since this process took it
}

// loggedResult is what became of an order, without anything that a printer said
// in its own words: that rests in the sealed note of the job alone. What older
// versions wrote here of it goes when the file is written anew, at the start.
type loggedResult struct {
	Job     string `json:"job"`
	Printer string `json:"printer"`
	outcome.Result
}

// begun reports whether something of it may have reached a printer that is not
// known to have ended.
func (e *orderEntry) begun() bool { return e.Point != nil && e.Result == nil }

// tidyAt is by how much the file grows, or by as much again as it had, before
// what no longer counts is dropped.
const tidyAt = 1 << 20

func openOrderLog(file string, now func() time.Time) (*orderLog, error) {
	l := &orderLog{file: file, now: now, orders: map[string]*orderEntry{}}
	f, err := openOwn(file, os.O_RDONLY)
	switch {
	case err == nil:
		err = errors.Join(l.read(f), f.Close())
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the orders: %w", err)
	}
	return l, l.tidy()
}

// tidy writes the file anew with the last line of each order that still
// counts, and goes on from there; where that fails, as on a full disk, with the
// file as it is. An error says that there is no file to go on with.
func (l *orderLog) tidy() error {
	l.closeOut()
	maps.DeleteFunc(l.orders, func(_ string, e *orderEntry) bool { return l.forgotten(e) })
	failed := l.rewrite()
	if err := l.reopen(); err != nil {
		return errors.Join(failed, err)
	}
	l.torn = failed != nil
	return nil
}

// reopen opens the file to add to it. One that is gone is written anew from
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

func (l *orderLog) closeOut() {
	if l.out != nil {
		l.out.Close()
		l.out = nil
	}
}

// forgotten is never so for an order that goes on.
func (l *orderLog) forgotten(e *orderEntry) bool {
	keep := keepOrders
	if e.NeverBegan {
		keep = keepUnbegun
	}
	return e.Result != nil && l.now().Sub(e.At) >= keep
}

// maxOrderLine is more than any line has, in bytes.
const maxOrderLine = 1 << 20

// read passes over a line that was torn: what it spoke of had not begun.
func (l *orderLog) read(r io.Reader) error {
	in := bufio.NewReaderSize(r, maxOrderLine)
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			continue // no line of ours; what is left of it is none either
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

func (l *orderLog) append(e *orderEntry) error {
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
	// A disk that gets full takes part of a line, and the next one must not be
	// lost with it.
	l.torn = true
	if _, err := l.out.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("%w: %w", errNoJournal, err)
	}
	l.torn = false
	if err := l.out.Sync(); err != nil {
		return fmt.Errorf("%w: %w", errNoJournal, err)
	}
	l.orders[e.Order] = e
	if l.grown += len(line) + 1; l.grown >= max(tidyAt, l.least) {
		_ = l.tidy() // the line is on disk; where there is no file to go on with, the next line says so
	}
	return nil
}

// take writes down that an order is taken up.
func (l *orderLog) take(order, job, printer string) error {
	now := l.now()
	return l.append(&orderEntry{Order: order, Job: job, Printer: printer, At: now, Taken: now, untouched: true})
}

// step writes down how far the delivery of one of its job's documents is; nil
// that the document has come to its end.
func (l *orderLog) step(order string, document int, p *delivery.Point) error {
	e := orderEntry{Order: order}
	if known := l.seen(order); known != nil {
		e = *known
	}
	e.At, e.Document, e.Point, e.untouched = l.now(), document, p, false
	return l.append(&e)
}

// finish writes down what became of it.
func (l *orderLog) finish(order string, r control.Result) error {
	known := l.seen(order)
	never := known != nil && known.untouched && r.State == outcome.NotSent
	return l.append(&orderEntry{
		Order: order, Job: r.Job, At: l.now(), NeverBegan: never,
		Result: &loggedResult{Job: r.Job, Printer: r.Printer, Result: r.Words()},
	})
}

// seen is what is known of an order, nil if it was never taken up.
func (l *orderLog) seen(order string) *orderEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.orders[order]
}

// unfinished are the orders that were going on when the agent stopped, and
// delivered the jobs of those that ended in a printed document.
func (l *orderLog) unfinished() (open []orderEntry, delivered []string) {
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
	l.closeOut()
}
