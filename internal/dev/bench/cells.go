package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/printscout/printscout/delivery/simprinter"
)

// cell is the result of one trouble of a printer with one sender.
type cell struct {
	Trouble string  `json:"trouble"`
	Way     way     `json:"way"`
	Bytes   int64   `json:"bytes"`
	Sender  string  `json:"sender"`
	Said    string  `json:"said"`   // exit status or state
	Copies  int     `json:"copies"` // whole copies that came out
	Parts   int     `json:"parts"`  // copies that came out in part
	Verdict verdict `json:"verdict"`
}

// trial is the input of a cell.
type trial struct {
	trouble trouble
	way     way
	doc     documentFile
	sender  sender
}

// atOnce is how many trials run at a time: they mostly wait.
const atOnce = 16

// cellTime is after what time a sender that is still trying is killed.
const cellTime = 40 * time.Second

// measureTroubles runs every trouble with every sender, each with its own printer.
func (m *measurement) measureTroubles(ctx context.Context) error {
	trials, err := m.listTrials()
	if err != nil {
		return err
	}
	m.report.Cells = make([]cell, len(trials))
	failed := make([]error, len(trials))
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, t := range trials {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			m.report.Cells[i], failed[i] = t.runTrial(ctx, filepath.Join(m.dir, fmt.Sprint("cell", i)))
		})
	}
	wg.Wait()
	m.logDone("%d troubles of printers", len(trials))
	return errors.Join(errors.Join(failed...), ctx.Err())
}

// listTrials returns all trials, those of one trouble next to each other.
func (m *measurement) listTrials() (all []trial, err error) {
	senders, err := m.findSenders()
	if err != nil {
		return nil, err
	}
	for _, t := range troubles {
		for _, w := range ways {
			for _, size := range m.troubled {
				d, err := m.makeDocument(size)
				if err != nil {
					return nil, err
				}
				for _, s := range senders {
					all = append(all, trial{t, w, d, s})
				}
			}
		}
	}
	return all, nil
}

// runTrial sends the document to a printer that has the trouble, and checks what
// came out.
func (t trial) runTrial(ctx context.Context, dir string) (cell, error) {
	c := cell{Trouble: t.trouble.name, Way: t.way, Bytes: t.doc.size, Sender: t.sender.name}
	defer os.RemoveAll(dir)
	p, err := startTroubled(dir, t.way, t.trouble, t.doc.size)
	if err != nil {
		return c, err
	}
	defer p.Close()
	ctx, cancel := context.WithTimeout(ctx, cellTime)
	defer cancel()
	said, claimed, err := t.sender.send(ctx, p.PlainURI(), t.doc)
	if err != nil {
		return c, err
	}
	if c.Copies, c.Parts, err = cameOut(p, t.doc); err != nil {
		return c, err
	}
	c.Said, c.Verdict = said, judgeClaim(c.Copies, c.Parts, claimed)
	return c, nil
}

// cameOut returns what a printer has printed of a document: the number of whole
// copies and of other outputs.
func cameOut(p *simprinter.Printer, d documentFile) (whole, parts int, err error) {
	for _, j := range p.Jobs() {
		if j.File == "" {
			continue
		}
		same, err := d.hasContentOf(j.File)
		if err != nil {
			return 0, 0, err
		}
		if same {
			whole++
		} else {
			parts++
		}
	}
	return whole, parts, nil
}
