package raw

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

const chunkSize = 32 << 10

// Send brings one document to the printer at the other end of conn, waits for
// what the printer says of it, and closes conn. It sends the document once.
//
// If ctx ends, or anything fails, before all is out, the connection is reset,
// so that the printer does not take half a document for a whole one.
// Result.Err wraps ErrJob, ErrCopies, ErrDocument, ErrStalled, ErrEnded,
// ErrNotClosed, the cause of ctx's end, or the connection's error.
func Send(ctx context.Context, conn net.Conn, job Job, l Limits, h Hooks) Result {
	s := newDocumentSender(ctx, conn, job, l, h)
	defer s.close()
	head, own, err := readHead(job.Document, job.Size)
	if err == nil {
		err = job.checkAgainst(own)
	}
	if err != nil {
		return Result{Err: err}
	}
	return s.sendAndListen(head, own)
}

// documentSender is one call of Send.
type documentSender struct {
	ctx      context.Context
	conn     net.Conn
	job      Job
	limits   Limits
	hooks    Hooks
	listener *statusListener
	bytes    int64 // of the document, accepted by the kernel
	early    bool  // the printer closed before all was out
	acked    bool  // the printer has acknowledged everything, and closed in order
	heard    bool  // the listener listens
	header   bool  // the document has one of its own
}

func newDocumentSender(ctx context.Context, conn net.Conn, job Job, l Limits, h Hooks) *documentSender {
	s := &documentSender{ctx: ctx, conn: conn, job: job, limits: l.withDefaults(), hooks: h.withDefaults()}
	// A write that waits is woken: the rest of the document is useless.
	s.listener = newStatusListener(job.Token, s.hooks.Heard, func() { _ = conn.SetWriteDeadline(pastDeadline) })
	return s
}

// pastDeadline is a deadline that is over.
var pastDeadline = time.Unix(1, 0)

func (s *documentSender) sendAndListen(head []byte, own ownHeader) Result {
	s.heard, s.header = true, own.pjl
	go s.listener.listen(s.conn)
	stop := context.AfterFunc(s.ctx, func() { _ = s.conn.SetDeadline(pastDeadline) })
	defer stop()
	if err := s.writeJob(head, own); err != nil {
		resetConn(s.conn)
		return s.buildResult(err)
	}
	_, _, gone := s.listener.snapshot()
	s.early = gone != nil
	if s.job.PJL {
		s.awaitDone(s.limits.Reply, s.isSettled)
		s.sendFarewell()
	}
	s.halfClose()
	return s.buildResult(nil)
}

// close ends the connection and waits for the goroutine that listens to it.
func (s *documentSender) close() {
	_ = s.conn.Close()
	if s.heard {
		<-s.listener.done
	}
}

// resetConn ends the connection in a way that the printer can tell from an
// orderly end.
func resetConn(conn net.Conn) {
	if c, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = c.SetLinger(0)
	}
	_ = conn.Close()
}

// writeJob sends everything from the first byte of the header to the last of
// the trailer.
func (s *documentSender) writeJob(head []byte, own ownHeader) error {
	if s.job.PJL {
		if own.uel {
			if err := s.writeDocument(head[:len(uel)]); err != nil {
				return err
			}
			head = head[len(uel):]
		}
		if _, err := s.writeBytes([]byte(s.job.pjlHeader(own))); err != nil {
			return err
		}
	}
	if err := s.writeDocument(head); err != nil {
		return err
	}
	if err := s.writeRest(); err != nil {
		return err
	}
	s.listener.documentOut()
	s.hooks.Sent()
	if !s.job.PJL {
		return nil
	}
	_, err := s.writeBytes([]byte(s.job.pjlTrailer()))
	return err
}

// writeRest sends what follows the head, which must be as long as was said.
func (s *documentSender) writeRest() error {
	buf := make([]byte, chunkSize)
	for {
		n, err := s.job.Document.Read(buf)
		if s.bytes+int64(n) > s.job.Size {
			return fmt.Errorf("%w: it is longer than %d bytes", ErrDocument, s.job.Size)
		}
		if werr := s.writeDocument(buf[:n]); werr != nil {
			return werr
		}
		switch {
		case err == nil:
		case !errors.Is(err, io.EOF):
			return documentError(err)
		case s.bytes < s.job.Size:
			return documentError(io.ErrUnexpectedEOF)
		default:
			return nil
		}
	}
}

// writeDocument sends bytes of the document.
func (s *documentSender) writeDocument(b []byte) error {
	if s.bytes+int64(len(b)) == s.job.Size {
		s.listener.documentLast()
	}
	n, err := s.writeBytes(b)
	if n > 0 {
		first := s.bytes == 0
		s.bytes += int64(n)
		if first {
			s.hooks.Began()
		}
	}
	return err
}

// writeBytes sends b as long as the printer takes some of it within the limit,
// and has not ended the job.
func (s *documentSender) writeBytes(b []byte) (n int, err error) {
	for n < len(b) {
		_ = s.conn.SetWriteDeadline(time.Now().Add(s.limits.Write))
		// Only after the deadline is set, since both of these set one in the
		// past.
		if err := s.stopError(); err != nil {
			return n, err
		}
		m, err := s.conn.Write(b[n:])
		n += m
		if err == nil || m > 0 && isTimeout(err) {
			continue
		}
		return n, s.writeError(err)
	}
	return n, nil
}

func (s *documentSender) writeError(err error) error {
	if stopped := s.stopError(); stopped != nil {
		return stopped
	}
	if isTimeout(err) {
		return fmt.Errorf("%w: not a byte in %s", ErrStalled, s.limits.Write)
	}
	return fmt.Errorf("sending: %w", err)
}

func (s *documentSender) stopError() error {
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	if k, _, _ := s.listener.snapshot(); k.cut {
		return fmt.Errorf("%w: %s", ErrEnded, k.result)
	}
	return nil
}

func isTimeout(err error) bool {
	t, ok := errors.AsType[net.Error](err)
	return ok && t.Timeout()
}
