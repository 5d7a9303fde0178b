package spooler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/spooler/docinfo"
)

var buffers = sync.Pool{New: func() any { return new([copySize]byte) }}

// receiveDocument receives a document of a job and returns nil once it is
// stored and, if it is the last one, the job is parked. On an error none of the
// job's documents is kept, and the job has ended unless it was not ready for
// one.
func (x *ippExchange) receiveDocument(j *job, doc documentRequest, last bool) error {
	c, err := x.p.jobs.beginDocument(j, doc, x.p.lifetime)
	if err != nil {
		return err
	}
	why := errStorageFailed // holds if what follows panics
	defer func() {
		if why != nil {
			x.p.discardJob(j, c.parking, why)
			x.p.limitedLog.Warn("a document was not parked", why.status.String(), "ipp_job", j.id, "error", cmp.Or(err, error(why)))
		}
	}()
	err = x.storeDocument(c, last)
	if why = asRefusal(c.ctx, err); why != nil {
		return x.reportRefusal(c.request, why)
	}
	return nil
}

// discardJob aborts a job, and removes what has arrived of its documents.
func (p *Printer) discardJob(j *job, parking Parking, why *refusal) {
	if parking != nil {
		parking.Abort()
	}
	p.jobs.abortJob(j, why)
}

// asRefusal returns the refusal for an error that ended a document. The cause
// of the context's end takes precedence over errors that follow from it.
func asRefusal(ctx context.Context, err error) *refusal {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return refusalOfCause(cause)
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	return refusalOfIntake(err)
}

// storeDocument stores a document in the job's Parking, and parks the job after
// the last one.
func (x *ippExchange) storeDocument(c *incomingDocument, last bool) error {
	if err := x.openParking(c); err != nil {
		return err
	}
	info, err := x.transferDocument(c)
	if err != nil {
		return err
	}
	done, err := x.p.jobs.finishDocument(c, info.Pages, last)
	if err != nil || !done {
		return err
	}
	return x.p.parkJob(c.job, c.parking)
}

// openParking begins a Parking for the first document.
func (x *ippExchange) openParking(c *incomingDocument) error {
	if c.parking != nil {
		return nil
	}
	t, err := newTicket(c.job, c.request)
	if err != nil {
		return err
	}
	if c.parking, err = x.p.cfg.Intake.Begin(c.ctx, t); err != nil {
		c.parking = nil
		return fmt.Errorf("preparing for job %d: %w", c.job.id, err)
	}
	return nil
}

// transferDocument copies the bytes of a document to its Parking. Meanwhile the
// end of the job's context cuts off the connection that they arrive on.
func (x *ippExchange) transferDocument(c *incomingDocument) (docinfo.Info, error) {
	unhook := context.AfterFunc(c.ctx, x.body.cutOff)
	defer func() { x.spent = !unhook() }()
	tap := docinfo.New()
	if err := x.copyDocument(c, io.MultiWriter(c.parking, tap)); err != nil {
		return docinfo.Info{}, err
	}
	doc := Document{Name: c.document.name, Format: c.document.format, Compression: c.document.compression, Info: tap.Info()}
	if err := c.parking.End(doc); err != nil {
		return doc.Info, fmt.Errorf("storing job %d: %w", c.job.id, err)
	}
	return doc.Info, nil
}

// parkJob makes a job durable whose documents have arrived. On an error the
// caller must discard the job.
func (p *Printer) parkJob(j *job, parking Parking) error {
	message, err := parking.Park()
	if err != nil {
		return fmt.Errorf("parking job %d: %w", j.id, err)
	}
	p.jobs.markParked(j, message)
	return nil
}

// newTicket returns the ticket of a job.
func newTicket(j *job, o jobRequest) (Ticket, error) {
	m := ipp.NewResponse(nil, goipp.StatusOk)
	m.Job = withoutAttribute(o.attrs, holdUntil)
	attrs, err := m.EncodeBytes()
	if err != nil {
		return Ticket{}, fmt.Errorf("encoding the attributes of job %d: %w", j.id, err)
	}
	return Ticket{
		JobID: j.id, JobUUID: j.uuid, Created: j.created,
		Title: o.title, User: o.user, Source: o.source,
		Copies: o.copies, Sides: o.sides, Color: o.color,
		Held: o.held, Password: o.password,
		Attributes: attrs, LeftOut: namesOf(o.unsupported),
	}, nil
}

func namesOf(attrs goipp.Attributes) (names []string) {
	for _, a := range attrs {
		if name := ipp.Clean(a.Name, nameSize); len(names) < 16 && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// copyDocument passes the document on in one pass, through one buffer.
func (x *ippExchange) copyDocument(c *incomingDocument, to io.Writer) error {
	from, err := compressions[c.document.compression](x.reader)
	if err != nil {
		return x.readError()
	}
	buf := buffers.Get().(*[copySize]byte)
	defer buffers.Put(buf)
	octets := &c.document.octets
	for {
		n, ended, err := fillBuffer(from, buf[:])
		if cause := context.Cause(c.ctx); cause != nil {
			return cause
		}
		first := octets.Load() == 0
		if err := x.checkSize(octets.Add(int64(n))); err != nil {
			return err
		}
		if n > 0 && first && !c.request.res.acceptsContent(c.document.format, formatOf(buf[:n])) {
			return errFormatNotOffered
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return fmt.Errorf("storing job %d: %w", c.job.id, err)
			}
		}
		switch {
		case ended && octets.Load() == 0:
			return errNoDocument
		case ended:
			return nil
		case err != nil:
			return x.readError()
		}
	}
}

// checkSize bounds the size of a document, and how far a compressed one may
// expand.
func (x *ippExchange) checkSize(octets int64) error {
	switch {
	case octets > x.p.limits.Document:
		return errDocumentTooLarge
	case octets > ratioFrom && octets/x.p.limits.Ratio > x.body.received:
		return errOverRatio
	}
	return nil
}

// readError returns the refusal for a document that could not be read to its
// end: its connection if that broke, otherwise its compression.
func (x *ippExchange) readError() error {
	if x.body.err != nil {
		return x.bodyError()
	}
	return errCompressionDamaged
}

// fillBuffer reads until buf is full or the reader has ended, so that the
// document is stored in few large pieces even if it arrives in many small ones.
func fillBuffer(r io.Reader, buf []byte) (n int, ended bool, err error) {
	for n < len(buf) {
		m, err := r.Read(buf[n:])
		n += m
		if err == io.EOF { // an error that only wraps EOF is not the end
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}
