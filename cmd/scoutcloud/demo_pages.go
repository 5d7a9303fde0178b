package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/printscout/printscout/internal/cli"
)

// startPages starts the local page, as printscout open would for the person
// that the demo runs as, and waits for its address. What is preferred there
// stays in the demo's folder.
func (d *demo) startPages(ctx context.Context, _ demoPaths) (err error) {
	said := &saidURL{url: make(chan string, 1)}
	own := []string{"XDG_STATE_HOME=" + d.filePath("desktop")}
	d.pages, err = startProcess(own, said, d.logFile("pages.log"), "--control", d.Control, "open", "--no-browser", "--json", "--stop-on-eof")
	if err != nil {
		return err
	}
	select {
	case d.LocalURL = <-said.url:
		return nil
	case <-d.pages.ended:
		return cli.WithHint(fmt.Errorf("the local page ended: %w", cmp.Or(d.pages.err, errors.New("nobody told it to"))), "its log is "+d.filePath("pages.log"))
	case <-ctx.Done():
		return fmt.Errorf("waiting for the local page: %w", ctx.Err())
	}
}

// saidURL takes what printscout open --json prints.
type saidURL struct {
	url  chan string
	got  []byte
	once sync.Once
}

// Write implements io.Writer.
func (s *saidURL) Write(b []byte) (int, error) {
	s.got = append(s.got, b...)
	var opened struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(s.got, &opened); err == nil {
		s.once.Do(func() { s.url <- opened.URL })
	}
	return len(b), nil
}
