package delivery

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/internal/fit"
	"github.com/printscout/printscout/delivery/internal/raw"
	"github.com/printscout/printscout/delivery/snmp"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// rawSNMP is how long SNMP is waited for if nothing else tells of the printer.
const rawSNMP = 2500 * time.Millisecond

// rawAddress returns where the printer takes bare streams, if the directory,
// and what is known of the printer, let a document go there.
func (w *waySearch) rawAddress() (address, bool) {
	ends := endpointsOf(w.printer.URIs, schemeRaw)
	if len(ends) == 0 || w.known.Upgraded != "" || !directory.GradeRaw.AtLeast(w.printer.Floor) {
		return address{}, false
	}
	return address{"socket://" + ends[0].host}, true
}

// connectRaw connects to port 9100. The connection is kept for the document:
// it wakes the printer, and many printers have room for only one.
func (w *waySearch) connectRaw(ctx context.Context) (*session, error) {
	a, ok := w.rawAddress()
	if !ok {
		return nil, nil
	}
	s := &session{address: a, limit: w.deliverer.limit, known: w.known, dialer: &dialer{timeout: w.deliverer.limit.Connect}}
	return s, s.reconnectRaw(ctx)
}

// reconnectRaw connects to port 9100 anew.
func (s *session) reconnectRaw(ctx context.Context) (err error) {
	if s.stream != nil {
		_ = s.stream.Close()
	}
	host, err := rawHost(s.uri)
	if err != nil {
		return err
	}
	conn, err := s.dialer.dialPlain(ctx, "tcp", host)
	if err == nil {
		s.stream, err = checkLasting(conn)
	}
	return err
}

// prepareRaw is the counterpart of prepareIPP for port 9100, where a printer
// says nothing of itself.
func (a *attempt) prepareRaw(ctx context.Context, t fit.Ticket) (raw.Job, error) {
	began := time.Now()
	err := a.retryPatiently(ctx, func() error { return a.heedSNMP(ctx, rawSNMP, snmp.IPP{}) },
		func(ctx context.Context) error { a.beginSNMP(ctx); return nil })
	if err != nil {
		return raw.Job{}, err
	}
	formats, pjl := a.rawFormats(a.awaitSNMPReport(ctx, 0))
	if a.format, err = chooseFormat(a.printer.Name, formats, a.doc.Format); err != nil {
		return raw.Job{}, err
	}
	if t, err = t.ForDocument(max(1, a.doc.Number)).ByRaw(a.doc.Copies); err != nil {
		return raw.Job{}, err
	}
	if a.doc.Copies > 1 {
		a.addEvidence("The document asks for its %d copies itself; the printer is not asked for them again.", a.doc.Copies)
	}
	if t.Copies() > 1 && !pjl {
		return raw.Job{}, copiesFailure(a.printer.Name, t.Copies())
	}
	if ranges, ok := ipp.Find(goipp.Attributes(t), "page-ranges"); ok && !fit.EveryPage(ranges) {
		return raw.Job{}, pagesFailure(a.printer.Name)
	}
	job := a.rawJob(t, pjl)
	if a.source, err = newDocumentSource(a.doc); err != nil {
		return raw.Job{}, err
	}
	job.Document = a.source
	if time.Since(began) > rawSNMP { // a printer does not keep a silent connection open forever
		return job, a.session.reconnectRaw(ctx)
	}
	return job, nil
}

// rawSettings are the job template attributes that PJL has words for.
var rawSettings = []string{"copies", "sides", "media", "print-color-mode", "printer-resolution"}

func (a *attempt) rawJob(t fit.Ticket, pjl bool) raw.Job {
	attrs := goipp.Attributes(t)
	var dropped []string
	for _, at := range attrs {
		if (!pjl || !slices.Contains(rawSettings, at.Name)) && !(at.Name == "copies" && t.Copies() == 1) {
			dropped = append(dropped, ipp.Clean(at.Name, 127))
		}
	}
	if len(dropped) > 0 {
		a.addEvidence("Left out, because there is no way to say it on port 9100: %s.", strings.Join(dropped, ", "))
	}
	job := raw.Job{
		Token: a.token, Title: a.names.title, User: a.names.user, PJL: pjl, Size: a.doc.Size,
		Language: raw.Language(a.format), Copies: t.Copies(),
		Sides: ipp.String(attrs, "sides"), Media: ipp.String(attrs, "media"), Color: ipp.String(attrs, "print-color-mode"),
	}
	if at, ok := ipp.Find(attrs, "printer-resolution"); ok {
		if r, ok := at.Values[0].V.(goipp.Resolution); ok && r.Xres == r.Yres && r.Units == goipp.UnitsDpi {
			job.Resolution = r.Xres
		}
	}
	return job
}

// sendRaw gives the printer the document, once, and returns what is known of
// it.
func (a *attempt) sendRaw(ctx context.Context, job raw.Job) Outcome {
	if err := a.recordStep(StepSending); err != nil {
		return a.nothingSent(ctx, err)
	}
	conn := a.session.stream
	a.session.stream = nil // Send closes it
	ctx, stop := context.WithTimeout(ctx, a.deliverer.limit.Follow)
	defer stop()
	r := raw.Send(ctx, conn, job, raw.Limits{Close: a.deliverer.limit.Lost, Reply: a.deliverer.limit.Lost, Write: a.deliverer.limit.Unchanged}, raw.Hooks{
		Began: func() { a.first = a.deliverer.now().Sub(a.begun) },
		Sent:  func() { a.recordLate(StepSent) },
		Heard: func(sentence string) { a.hooks.Tell(personReason(sentence), sentence) },
	})
	a.told = true
	a.tellGoesOn()
	return a.judgeRaw(ctx, job, r)
}

// personReason returns the word for what a printer on port 9100 says that a
// person has to do, "" for none.
func personReason(sentence string) string {
	if sentence == "" {
		return ""
	}
	return outcome.ReasonStopped
}
