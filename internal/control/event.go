package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"
)

// The names of events: docs/desktop.md says when each comes.
const (
	EventStatus   = "status"
	EventPrinters = "printers"
	EventJob      = "job"
	EventGone     = "gone"
	EventReady    = "ready"
)

// Event is something that the agent says of itself. The field that its name
// calls for is set.
type Event struct {
	Name     string
	Status   *Status
	Printers []Printer
	Job      *Job
	Gone     *Gone
}

// Gone is a job of the caller's that has ended.
type Gone struct {
	ID           string `json:"id"`
	Title        string `json:"title"`
	State        string `json:"state"` // delivered, canceled, expired; Damaged, Refused
	Printer      string `json:"printer"`
	PagesPrinted *int   `json:"pages_printed"`
	Message      string `json:"message"`
	ReasonWord   string `json:"reason_word"` // docs/reasons.md
}

// Damaged is the State of a Gone that was set aside, since it does not
// authenticate. Refused is that of the line of a job that was not taken.
const Damaged = "damaged"

// maxEvent bounds an event: a directory of 10,000 printers.
const maxEvent = 16 << 20

// Events says what the agent does, until ctx or the connection ends; the last
// element then has the error. The events before EventReady are how everything
// is at first.
func (c *Client) Events(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		if err := c.events(ctx, func(e Event) bool { return yield(e, nil) }); err != nil {
			yield(Event{}, err)
		}
	}
}

// events returns nil once tell wants no more.
func (c *Client) events(ctx context.Context, tell func(Event) bool) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://printscout/v1/events", nil)
	if err != nil {
		return fmt.Errorf("preparing a request to the agent: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return broken(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, err := readAnswer[struct{}](ctx, resp)
		return err
	}
	more, err := readEvents(resp.Body, tell)
	if err != nil || !more {
		return err
	}
	return broken(ctx, nil)
}

// readEvents tells each event of a stream; more is false once tell wants no
// more. Of the fields of a server-sent event the agent uses two, one line each.
func readEvents(r io.Reader, tell func(Event) bool) (more bool, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxEvent)
	var name string
	for lines.Scan() {
		field, value, _ := bytes.Cut(lines.Bytes(), []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			name = string(value)
		case "data":
			e, err := readEvent(name, value)
			if err != nil {
				return true, err
			}
			if !tell(e) {
				return false, nil
			}
		}
	}
	if err := lines.Err(); err != nil {
		return true, fmt.Errorf("%w: reading events: %w", ErrUnreachable, err)
	}
	return true, nil
}

// readEvent leaves empty what a later version calls by a name of its own.
func readEvent(name string, data []byte) (Event, error) {
	e := Event{Name: name}
	var to any
	switch name {
	case EventStatus:
		e.Status = new(Status)
		to = e.Status
	case EventPrinters:
		to = &e.Printers
	case EventJob:
		e.Job = new(Job)
		to = e.Job
	case EventGone:
		e.Gone = new(Gone)
		to = e.Gone
	default:
		return e, nil
	}
	if err := json.Unmarshal(data, to); err != nil {
		return e, fmt.Errorf("reading an event of the agent: %w", err)
	}
	return e, nil
}

// Seen is what the last release at a printer has shown of it.
type Seen struct {
	At         time.Time `json:"at"`
	Grade      string    `json:"grade"`       // ipps-pinned, ipps, ipp, raw
	State      string    `json:"state"`       // of the release: docs/reasons.md
	ReasonWord string    `json:"reason_word"` // the same
}
