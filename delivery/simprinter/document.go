package simprinter

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/OpenPrinting/goipp"
)

// storeDocument streams a job's document to a file that gets its name once the
// document is whole. It returns the answer's status, and noAnswer if the
// connection broke.
func (p *Printer) storeDocument(j *printerJob, x *httpExchange) (goipp.Status, error) {
	tmp, err := os.CreateTemp(p.config.Dir, ".coming-*")
	if err != nil {
		return 0, fmt.Errorf("making a file for a document: %w", err)
	}
	defer os.Remove(tmp.Name())
	pages, head := &pageCounter{}, &pjlHead{}
	paper := &limitedPaper{w: io.MultiWriter(tmp, pages, head), left: x.fault.LoseAfter, limited: x.fault.LoseAfter > 0}
	packed := compressionOf(x.message) == "gzip"
	n, copyErr := unpackDocument(paper, p.limitedBody(j, x), packed)
	closeErr := tmp.Close()

	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.DocumentBytes += n
	j.Size, j.Whole, j.pages = n, copyErr == nil && x.fault.CutAfter == 0, pages.n
	j.Compressed, j.PJLCopies = packed, head.copies()
	if j.ended() {
		return canceledMeanwhile(j.Whole, x.fault), nil
	}
	if closeErr != nil {
		p.endJob(j, stateAborted)
		return 0, fmt.Errorf("closing a document's file: %w", closeErr)
	}
	return p.keepOrAbort(j, x, tmp.Name(), copyErr)
}

// keepOrAbort keeps what has come of a document, or aborts its job.
func (p *Printer) keepOrAbort(j *printerJob, x *httpExchange, file string, came error) (goipp.Status, error) {
	switch {
	case errors.Is(came, errUnpack):
		p.endJob(j, stateAborted)
		return goipp.StatusErrorCompressionError, nil
	case !j.Whole && !p.config.KeepCut:
		p.endJob(j, stateAborted)
		return noAnswer, nil
	}
	if err := p.keepFile(j, file, x.message); err != nil {
		return 0, err
	}
	if !j.Whole || j.fate.Reboot {
		return noAnswer, nil
	}
	return goipp.StatusOk, nil
}

// noAnswer stands for the status of an exchange whose connection broke.
const noAnswer = goipp.Status(0xffff)

// canceledMeanwhile returns the status for a document whose job ended while it
// came.
func canceledMeanwhile(whole bool, f Fault) goipp.Status {
	switch {
	case f.PanelAfter > 0:
		return goipp.StatusErrorJobCanceled
	case whole:
		return goipp.StatusOk
	}
	return noAnswer
}

// limitedBody returns as much of a document as a fault lets in.
func (p *Printer) limitedBody(j *printerJob, x *httpExchange) io.Reader {
	f := x.fault
	switch {
	case f.CutAfter > 0:
		return io.LimitReader(x.body, f.CutAfter)
	case f.StallAfter > 0:
		return io.MultiReader(io.LimitReader(x.body, f.StallAfter), stalledReader(p.closing))
	case f.PanelAfter > 0:
		return io.MultiReader(io.LimitReader(x.body, f.PanelAfter), &atPanel{p, j}, x.body)
	}
	return x.body
}

// atPanel cancels a job when it is read, and is empty.
type atPanel struct {
	printer *Printer
	job     *printerJob
}

// Read implements io.Reader.
func (a *atPanel) Read([]byte) (int, error) {
	a.printer.mu.Lock()
	defer a.printer.mu.Unlock()
	if !a.job.ended() {
		a.printer.cancelAtPanel(a.job)
	}
	return 0, io.EOF
}

// limitedPaper drops what exceeds its limit.
type limitedPaper struct {
	w       io.Writer
	left    int64
	limited bool
}

// Write implements io.Writer.
func (l *limitedPaper) Write(b []byte) (int, error) {
	part := b
	if l.limited {
		part = b[:min(int64(len(b)), l.left)]
		l.left -= int64(len(part))
	}
	if _, err := l.w.Write(part); err != nil {
		return 0, err
	}
	return len(b), nil
}

// maxUnpacked bounds what a compressed document may become.
const maxUnpacked = 4 << 30

var errUnpack = errors.New("the document cannot be unpacked")

// unpackDocument copies a document, out of gzip (RFC 1952) if it is packed.
func unpackDocument(w io.Writer, body io.Reader, packed bool) (int64, error) {
	if !packed {
		return io.Copy(w, body)
	}
	z, err := gzip.NewReader(body)
	if err != nil {
		return 0, errors.Join(errUnpack, err)
	}
	n, err := io.Copy(w, io.LimitReader(z, maxUnpacked+1))
	if n > maxUnpacked || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		return n, errUnpack
	}
	return n, err
}

// stalledReader gives nothing until the printer closes.
type stalledReader <-chan struct{}

// Read implements io.Reader.
func (s stalledReader) Read([]byte) (int, error) {
	<-s
	return 0, io.ErrUnexpectedEOF
}
