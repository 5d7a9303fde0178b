package scout

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"sync"
	"time"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/control"
)

// keepOrders is how long an order that was carried out is remembered: longer
// than any server may repeat one (docs/protocol.md).
const keepOrders = 48 * time.Hour

// orderLog remembers every order that was taken up, so that none is carried
// out twice, how far its delivery is, so that it can be gone on with after a
// crash, and what became of it, so that its result can be repeated. Each line
// is on disk before the thing it speaks of is done.
type orderLog struct {
	file string
	now  func() time.Time

	mu     sync.Mutex
	out    *os.File
	orders map[string]*orderEntry
	grown  int  // bytes since the file was written anew
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
	Result   *control.Result `json:"result,omitempty"` // nil while it goes on
}

// begun says whether something of it may have reached a printer that is not
// known to have ended.
func (e *orderEntry) begun() bool { return e.Point != nil && e.Result == nil }

// tidyAt is how large the file grows before what no longer counts is dropped.
const tidyAt = 1 << 20

func openOrderLog(file string, now func() time.Time) (*orderLog, error) {
	l := &orderLog{file: file, now: now, orders: map[string]*orderEntry{}}
	raw, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the orders: %w", err)
	}
	l.read(raw)
	return l, l.tidy()
}

// tidy writes the file anew with the last line of each order that still
// counts, and goes on from there; where that fails, as on a full disk, with the
// file as it is.
func (l *orderLog) tidy() error {
	if l.out != nil {
		l.out.Close()
	}
	maps.DeleteFunc(l.orders, func(_ string, e *orderEntry) bool { return l.forgotten(e) })
	failed := l.rewrite()
	var err error
	if l.out, err = os.OpenFile(l.file, os.O_APPEND|os.O_WRONLY, 0); err != nil {
		return fmt.Errorf("opening the orders: %w", errors.Join(failed, err))
	}
	l.grown, l.torn = 0, failed != nil
	return nil
}

// forgotten is never so for an order that goes on.
func (l *orderLog) forgotten(e *orderEntry) bool {
	return e.Result != nil && l.now().Sub(e.At) >= keepOrders
}

// read passes over a last line that was torn: what it spoke of had not begun.
func (l *orderLog) read(raw []byte) {
	sc := bufio.NewScanner(bytes.NewReader(raw))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		e := new(orderEntry)
		if json.Unmarshal(sc.Bytes(), e) == nil && e.Order != "" {
			l.orders[e.Order] = e
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
	return writeFile(l.file, b.Bytes())
}

func (l *orderLog) append(e *orderEntry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("writing the order down: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.torn {
		line = append([]byte{'\n'}, line...)
	}
	// A disk that gets full takes part of a line, and the next one must not be
	// lost with it.
	l.torn = true
	if _, err := l.out.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing the order down: %w", err)
	}
	l.torn = false
	if err := l.out.Sync(); err != nil {
		return fmt.Errorf("writing the order down: %w", err)
	}
	l.orders[e.Order] = e
	if l.grown += len(line) + 1; l.grown >= tidyAt {
		return l.tidy()
	}
	return nil
}

// take writes down that an order is taken up.
func (l *orderLog) take(order, job, printer string) error {
	now := l.now()
	return l.append(&orderEntry{Order: order, Job: job, Printer: printer, At: now, Taken: now})
}

// step writes down how far the delivery of one of its job's documents is; nil
// that the document has come to its end.
func (l *orderLog) step(order string, document int, p *delivery.Point) error {
	e := orderEntry{Order: order}
	if known := l.seen(order); known != nil {
		e = *known
	}
	e.At, e.Document, e.Point = l.now(), document, p
	return l.append(&e)
}

// finish writes down what became of it.
func (l *orderLog) finish(order string, r control.Result) error {
	return l.append(&orderEntry{Order: order, Job: r.Job, At: l.now(), Result: &r})
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
		case e.Result.State == string(Delivered):
			delivered = append(delivered, e.Job)
		}
	}
	return open, delivered
}

func (l *orderLog) close() error { return l.out.Close() }
