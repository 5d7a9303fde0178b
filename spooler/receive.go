package spooler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/spooler/docinfo"
)

var buffers = sync.Pool{New: func() any { return new([copySize]byte) }}

// receive takes the document of a job and returns nil when it is parked. With
// an error nothing of it is left, and the job has ended unless it was not
// ready for a document.
func (x *exchange) receive(j *job, doc document) error {
	ctx, stop := context.WithCancelCause(x.p.life)
	defer stop(nil)
	o, err := x.p.jobs.begin(j, doc, stop)
	if err != nil {
		return err
	}
	unhook := context.AfterFunc(ctx, x.body.cut)
	defer func() { x.spent = !unhook() }()
	why := errFailed // stands if what follows panics
	defer func() {
		if why != nil {
			x.p.jobs.abort(j, why)
			x.p.cfg.Log.Warn("a document was not parked", "job", j.id, "error", cmp.Or(err, error(why)))
		}
	}()
	err = x.park(ctx, j, o, doc)
	if why = explain(ctx, err); why != nil {
		return why
	}
	x.p.cfg.Log.Info("a document was parked", "job", j.id, "bytes", j.octets.Load())
	return nil
}

// explain makes a refusal of what ended a document; that it was to end comes
// before what broke by it.
func explain(ctx context.Context, err error) *refusal {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return ofCause(cause)
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	return ofIntake(err)
}

// park brings the document into a Parking, which is aborted unless all of it
// is durable.
func (x *exchange) park(ctx context.Context, j *job, o order, doc document) error {
	t, err := ticket(j, o, doc)
	if err != nil {
		return err
	}
	parking, err := x.p.cfg.Intake.Begin(ctx, t)
	if err != nil {
		return fmt.Errorf("preparing for job %d: %w", j.id, err)
	}
	parked := false
	defer func() {
		if !parked {
			parking.Abort()
		}
	}()
	tap := docinfo.New()
	if err := x.copy(ctx, j, doc, io.MultiWriter(parking, tap)); err != nil {
		return err
	}
	if err := x.p.jobs.seal(j); err != nil {
		return err
	}
	info := tap.Info()
	if err := parking.Park(info); err != nil {
		return fmt.Errorf("parking job %d: %w", j.id, err)
	}
	parked = true
	x.p.jobs.park(j, info.Pages)
	return nil
}

func ticket(j *job, o order, doc document) (Ticket, error) {
	m := ipp.NewResponse(nil, goipp.StatusOk)
	m.Job = withoutAttribute(o.attrs, holdUntil)
	attrs, err := m.EncodeBytes()
	if err != nil {
		return Ticket{}, fmt.Errorf("encoding the attributes of job %d: %w", j.id, err)
	}
	return Ticket{
		JobID: j.id, JobUUID: j.uuid, Created: j.created,
		Title: o.title, User: o.user, Source: o.from,
		Copies: o.copies, Sides: o.sides, Color: o.color,
		Held: o.held, Password: o.password,
		Attributes: attrs, Format: doc.format, Compression: doc.compression,
	}, nil
}

// copy passes the document on once, through one buffer.
func (x *exchange) copy(ctx context.Context, j *job, doc document, to io.Writer) error {
	from, err := compressions[doc.compression](x.in)
	if err != nil {
		return x.broken()
	}
	buf := buffers.Get().(*[copySize]byte)
	defer buffers.Put(buf)
	for {
		n, err := fill(from, buf[:])
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		first := j.octets.Load() == 0
		if err := x.checkSize(j.octets.Add(int64(n))); err != nil {
			return err
		}
		if n > 0 && first && !j.order.res.accepts(doc.format, formatOf(buf[:n])) {
			return errContent
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return fmt.Errorf("storing job %d: %w", j.id, err)
			}
		}
		switch {
		case err == io.EOF && j.octets.Load() == 0:
			return errNoDocument
		case err == io.EOF:
			return nil
		case err != nil:
			return x.broken()
		}
	}
}

// checkSize bounds a document, and what a small one may grow to.
func (x *exchange) checkSize(octets int64) error {
	switch {
	case octets > x.p.limits.Document:
		return errLarge
	case octets > ratioFrom && octets/x.p.limits.Ratio > x.body.come:
		return errBomb
	}
	return nil
}

// broken is why a document could not be read to its end: its way here if that
// broke, otherwise its compression.
func (x *exchange) broken() error {
	if x.body.err != nil {
		return x.lost()
	}
	return errDamaged
}

// fill reads until buf is full or the reader has no more, so that what stores
// the document gets few large pieces of a document that comes in many.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var m int
		m, err = r.Read(buf[n:])
		n += m
	}
	return n, err
}
