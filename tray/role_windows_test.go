package tray

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"time"

	"github.com/printscout/printscout/internal/control"
)

func init() { roles[deskEnv] = beDesk }

func beDesk() int {
	d := &lone{path: os.Getenv(deskEnv), released: make(chan struct{}, 1)}
	go d.pressWhenTold()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if err := Run(context.Background(), Config{Agent: d, Pages: d, Preferences: used{}, Texts: inEnglish, Log: log}); err != nil {
		d.note("error %v", err)
		return 1
	}
	d.note("quit")
	return 0
}

// lone is an agent and the pages of a person.
type lone struct {
	path     string
	released chan struct{}
}

// pressWhenTold tells the icon's window that its notification was clicked on,
// once there is a file that asks for it: Wine 8 does not.
func (d *lone) pressWhenTold() {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if _, err := os.Stat(d.path + pressSuffix); err != nil {
			continue
		}
		w, err := window()
		if err != nil {
			d.note("error %v", err)
			return
		}
		user32.NewProc("PostMessageW").Call(uintptr(w), systrayMessage, systrayIcon, balloonClicked)
		return
	}
}

func (d *lone) note(format string, args ...any) {
	f, err := os.OpenFile(d.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprintf(f, format+"\n", args...)
}

func (d *lone) Events(ctx context.Context) iter.Seq2[control.Event, error] {
	return func(yield func(control.Event, error) bool) {
		pages := 3
		j := control.Job{ID: "1", Title: "Minutes & more.pdf", State: parked, Pages: &pages, PagesCertainty: "exact", Created: time.Now(), Expires: time.Now().Add(24 * time.Hour)}
		for _, e := range []control.Event{
			{Name: control.EventStatus, Status: &healthy},
			{Name: control.EventPrinters, Printers: []control.Printer{{ID: "id-lobby", Name: "lobby", Location: "Ground floor"}}},
			{Name: control.EventJob, Job: &j}, {Name: control.EventReady},
		} {
			if !yield(e, nil) {
				return
			}
		}
		select {
		case <-d.released:
			yield(control.Event{Name: control.EventGone, Gone: &control.Gone{ID: "1", Title: j.Title, State: delivered, Printer: "lobby"}}, nil)
		case <-ctx.Done():
			return
		}
		<-ctx.Done()
	}
}

func (d *lone) Release(_ context.Context, r control.Release) (control.Progress, error) {
	d.note("release %v at %s", r.Jobs, r.Printer)
	d.released <- struct{}{}
	return control.Progress{Done: true}, nil
}

func (d *lone) Wait(context.Context, string, func(control.Progress)) (control.Progress, error) {
	return control.Progress{Done: true}, nil
}

func (d *lone) Cancel(_ context.Context, id string) (control.Job, error) {
	d.note("cancel %s", id)
	return control.Job{}, nil
}

func (d *lone) Resolve(_ context.Context, id, said string) (control.Job, error) {
	d.note("resolve %s: %s", id, said)
	return control.Job{}, nil
}

func (d *lone) Open(page string) error { d.note("open %s", page); return nil }
