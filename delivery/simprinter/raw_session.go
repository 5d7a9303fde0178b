package simprinter

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// How long a session waits for the client.
const (
	rawIdle  = 10 * time.Minute // for bytes
	rawReply = 10 * time.Second // to take an answer
)

// rawSession is one connection that has the printer to itself.
type rawSession struct {
	printer *Printer
	conn    net.Conn
	faults  Raw

	stream, document *os.File
	pages            pageCounter
	job              RawJob
	ended            chan struct{} // closed when no more is said
	printing         sync.WaitGroup

	ustatus, inJob, eoj bool
}

// serveSession takes the stream, answers it and keeps it.
func (s *rawSession) serveSession() (err error) {
	if s.stream, err = s.createTemp(); err != nil {
		return err
	}
	defer os.Remove(s.stream.Name())
	if s.document, err = s.createTemp(); err != nil {
		return errors.Join(err, s.stream.Close())
	}
	defer os.Remove(s.document.Name())
	if s.faults.StopAfter == 0 && !s.faults.CodeLast {
		s.reportStatus()
	}
	err = s.receiveStream()
	s.finishSession()
	return errors.Join(err, s.keepFiles())
}

func (s *rawSession) createTemp() (*os.File, error) {
	f, err := os.CreateTemp(s.printer.config.Dir, ".coming-*")
	if err != nil {
		return nil, fmt.Errorf("making a file for a raw stream: %w", err)
	}
	return f, nil
}

// receiveStream reads until the client closes its end or something goes wrong.
func (s *rawSession) receiveStream() error {
	split := &pjlStream{command: s.runCommand, data: s.writeDocument}
	split.document = s.faults.NoPJL
	var to io.Writer = split
	if s.faults.NoPJL {
		to = writerFunc(s.writeDocument)
	}
	to = io.MultiWriter(s.stream, to)
	buf := make([]byte, 4<<10)
	for s.job.Closed == "" {
		n, err := s.readWithFaults(buf)
		s.job.Bytes += int64(n)
		if _, err := to.Write(buf[:n]); err != nil {
			return fmt.Errorf("keeping a raw stream: %w", err)
		}
		s.endEarly(s.job.Bytes - int64(n))
		s.closedBy(err)
	}
	if s.faults.NoPJL {
		return nil
	}
	return split.Close()
}

type writerFunc func([]byte) error

// Write implements io.Writer.
func (f writerFunc) Write(b []byte) (int, error) { return len(b), f(b) }

// readWithFaults reads as much as the faults allow.
func (s *rawSession) readWithFaults(buf []byte) (int, error) {
	if s.faults.StopAfter > 0 && s.job.Bytes == s.faults.StopAfter {
		_, resumed := s.printer.takeRaw()
		s.reportStatus()
		s.printer.untilResumed(resumed)
	}
	if s.faults.ResetAfter > 0 && s.job.Bytes == s.faults.ResetAfter {
		resetConn(s.conn)
		return 0, errReset
	}
	for _, at := range []int64{s.faults.StopAfter, s.faults.ResetAfter} {
		if left := at - s.job.Bytes; left > 0 && left < int64(len(buf)) {
			buf = buf[:left]
		}
	}
	s.printer.waitFor(time.Duration(s.faults.Pace))
	_ = s.conn.SetReadDeadline(time.Now().Add(rawIdle))
	return s.conn.Read(buf)
}

var errReset = errors.New("the printer reset the connection")

func (s *rawSession) closedBy(err error) {
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		s.job.Closed = ClosedByClient
	case errors.Is(err, errReset):
		s.job.Closed = ClosedByReset
	case errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrDeadlineExceeded):
		s.job.Closed = ClosedByPrinter
	default:
		s.job.Closed = ClosedBroken
	}
}

// writeDocument writes document bytes to the document's file.
func (s *rawSession) writeDocument(b []byte) error {
	_, _ = s.pages.Write(b)
	s.job.Size += int64(len(b))
	if over := s.job.Size - s.faults.LoseAfter; s.faults.LoseAfter > 0 && over > 0 {
		b = b[:max(0, int64(len(b))-over)]
	}
	if _, err := s.document.Write(b); err != nil {
		return fmt.Errorf("keeping a raw document: %w", err)
	}
	return nil
}

// finishSession waits until everything is printed, and then closes as the
// faults say.
func (s *rawSession) finishSession() {
	if s.job.Closed == ClosedByClient && !s.faults.CloseOnFIN {
		s.printing.Wait()
		if s.faults.NeverClose {
			<-s.printer.closing
		}
	}
	close(s.ended)
	_ = s.conn.Close()
	s.printing.Wait()
}

var languageExtensions = map[string]string{"PDF": "pdf", "PCL": "pcl", "PCLXL": "pxl", "POSTSCRIPT": "ps", "URF": "urf"}

// keepFiles gives the files their names.
func (s *rawSession) keepFiles() error {
	if err := errors.Join(s.stream.Close(), s.document.Close()); err != nil {
		return fmt.Errorf("closing a raw stream's files: %w", err)
	}
	if s.job.Bytes == 0 {
		return nil
	}
	s.job.Whole = s.job.Closed == ClosedByClient && (!s.inJob || s.eoj)
	p := s.printer
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lastNumber++
	base := filepath.Join(p.config.Dir, fmt.Sprintf("%04d-%s.", p.lastNumber, shortTitle(s.job.Name)))
	s.job.Stream = base + "raw"
	if err := os.Rename(s.stream.Name(), s.job.Stream); err != nil {
		return fmt.Errorf("keeping a raw stream: %w", err)
	}
	if s.job.Size > 0 {
		ext := languageExtensions[s.job.Language]
		if ext == "" {
			ext = "bin"
		}
		s.job.Document, s.job.Pages = base+ext, s.pagesPrinted()
		if err := os.Rename(s.document.Name(), s.job.Document); err != nil {
			return fmt.Errorf("keeping a raw document: %w", err)
		}
	}
	if len(p.rawJobs) < maxJobs {
		p.rawJobs = append(p.rawJobs, s.job)
	}
	return nil
}

func (s *rawSession) pagesPrinted() int { return max(1, s.pages.n) }
