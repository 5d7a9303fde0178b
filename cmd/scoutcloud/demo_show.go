package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/ipp"
)

//go:embed sample.pdf
var sample []byte

// shownJob is what the demo reports about its job.
type shownJob struct {
	Document string         `json:"document"`
	Bytes    int64          `json:"bytes"`
	Job      control.Job    `json:"job"`
	Result   control.Result `json:"result"`
	File     string         `json:"file,omitempty"` // what the simulated printer got
	Equal    bool           `json:"equal,omitempty"`
}

// document is what is printed: a file, or the sample.
type document struct {
	title string
	size  int64
	open  func() (io.ReadCloser, error)
}

func newDocument(file string) (document, error) {
	if file == "" {
		return document{"sample.pdf", int64(len(sample)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(sample)), nil }}, nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return document{}, fmt.Errorf("reading the document: %w", err)
	}
	if !info.Mode().IsRegular() {
		return document{}, fmt.Errorf("reading the document: %s is not a regular file", file)
	}
	return document{filepath.Base(file), info.Size(), func() (io.ReadCloser, error) { return os.Open(file) }}, nil
}

// format returns what an app would call the document, judged by its name, else
// unknown.
func (d document) format() string {
	switch t, _, _ := mime.ParseMediaType(mime.TypeByExtension(filepath.Ext(d.title))); t {
	case "application/pdf", "image/jpeg", "image/pwg-raster":
		return t
	}
	return "application/octet-stream"
}

// showJob sends one job the whole way and reports each step.
func (d *demo) showJob(ctx context.Context, file string, say *reporter) (*shownJob, error) {
	doc, err := newDocument(file)
	if err != nil {
		return nil, err
	}
	s := &shownJob{Document: doc.title, Bytes: doc.size}
	if s.Job, err = d.printDocument(ctx, doc); err != nil {
		return s, fmt.Errorf("printing at the scout: %w", err)
	}
	say.printParked(s, d)
	if err := d.api.waitForJob(ctx, s.Job.ID); err != nil {
		return s, err
	}
	if s.Result, err = d.api.releaseJob(ctx, s.Job.ID, printerName); err != nil {
		return s, fmt.Errorf("releasing at the server: %w", err)
	}
	defer say.printResult(s)
	if s.Result.State != "delivered" {
		return s, fmt.Errorf("the job was not delivered: %s", s.Result.Reason)
	}
	if d.sim == nil {
		return s, nil
	}
	s.File = d.lastFile()
	if s.Equal, err = sameBytes(doc, s.File); err == nil && !s.Equal {
		err = errors.New("what the printer got is not what was printed")
	}
	return s, err
}

// printDocument does what an app does, and finds the resulting job.
func (d *demo) printDocument(ctx context.Context, doc document) (control.Job, error) {
	before, err := d.client.Jobs(ctx)
	if err != nil {
		return control.Job{}, err
	}
	in, err := doc.open()
	if err != nil {
		return control.Job{}, fmt.Errorf("reading the document: %w", err)
	}
	defer in.Close()
	transport := &http.Transport{DisableKeepAlives: true, ResponseHeaderTimeout: 5 * time.Minute}
	printer := &ipp.Client{HTTP: &http.Client{Transport: transport}, URI: d.IPPURL}
	if _, err := printer.Print(ctx, ipp.PrintJob{Title: doc.title, User: userName(), Format: doc.format()}, ipp.Document{Reader: in, Size: doc.size}); err != nil {
		return control.Job{}, err
	}
	after, err := d.client.Jobs(ctx)
	if err != nil {
		return control.Job{}, err
	}
	known := map[string]bool{}
	for _, j := range before {
		known[j.ID] = true
	}
	for _, j := range after {
		if !known[j.ID] && j.Title == doc.title {
			return j, nil
		}
	}
	return control.Job{}, errors.New("the printer took it, but it is not among the parked jobs")
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "demo"
}

// lastFile returns what the simulated printer got last.
func (d *demo) lastFile() string {
	if jobs := d.sim.RawJobs(); len(jobs) > 0 {
		return jobs[len(jobs)-1].Document
	}
	jobs := d.sim.Jobs()
	if len(jobs) == 0 {
		return ""
	}
	return jobs[len(jobs)-1].File
}

func sameBytes(doc document, file string) (bool, error) {
	want, err := doc.open()
	if err != nil {
		return false, fmt.Errorf("reading the document: %w", err)
	}
	defer want.Close()
	got, err := os.Open(file)
	if err != nil {
		return false, fmt.Errorf("reading what the printer got: %w", err)
	}
	defer got.Close()
	return equalStreams(want, got)
}

func equalStreams(a, b io.Reader) (bool, error) {
	x, y := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, errA := io.ReadFull(a, x)
		m, errB := io.ReadFull(b, y)
		if !bytes.Equal(x[:n], y[:m]) {
			return false, nil
		}
		if isEOF(errA) && isEOF(errB) {
			return true, nil
		}
		for _, err := range []error{errA, errB} {
			if err != nil && !isEOF(err) {
				return false, fmt.Errorf("comparing what was printed with what came out: %w", err)
			}
		}
	}
}

func isEOF(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
