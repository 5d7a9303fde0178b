package delivery

import (
	"fmt"
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// gradeOf returns the grade that a job by this way would have.
func (w ProbeWay) gradeOf(p directory.Printer) directory.Grade {
	switch {
	case w.Protocol == "raw":
		return directory.GradeRaw
	case w.TLS == nil:
		return directory.GradeIPP
	case w.TLS.Pinned:
		return directory.GradePinned
	case p.Pin == "" && w.TLS.Trusted:
		return directory.GradeIPPS
	}
	return directory.GradeIPP
}

// forgetGrade removes the grade of a way that must not be used. A way that
// only has to wait keeps it.
func (w *ProbeWay) forgetGrade() {
	if w.next || slices.Contains(forbiddingReasons, w.Reason) {
		w.Grade = ""
	}
}

// forbiddingReasons are the reasons for which the directory forbids a way.
var forbiddingReasons = []string{outcome.ReasonPinMismatch, outcome.ReasonPinMissing, outcome.ReasonPlain, outcome.ReasonUntrusted, outcome.ReasonAnother}

// obstacleOf returns why the rules forbid this way, by what it has shown; nil
// if they do not. The key counts before anything that was said after it.
func (p *prober) obstacleOf(w ProbeWay, e probeEnd) *failure {
	name := p.printer.Name
	switch t := w.TLS; {
	case t == nil:
	case p.printer.Pin != "" && !t.Pinned:
		return tlsFailure(name, w.Address, errPin)
	case t.Old && !p.printer.OldTLS:
		return &failure{reason: ReasonOldTLS, next: true, message: fmt.Sprintf("Printer %s speaks no TLS that is still considered safe at %s.", name, w.Address)}
	case p.printer.Pin == "" && !t.Trusted && !directory.GradeIPP.AtLeast(p.printer.Floor):
		return tlsFailure(name, w.Address, errUntrusted)
	}
	if !w.isOpen() {
		return nil
	}
	switch {
	case p.isAnotherPrinter(w.IPP.UUID, w.TLS != nil && w.TLS.Pinned):
		return anotherUUID(name, w.IPP.UUID)
	case e.unnamed:
		return &failure{reason: ReasonNotNamed, next: true, message: fmt.Sprintf("The directory does not name %s.", w.Address)}
	case p.printer.Floor == directory.GradePinned && p.printer.Pin == "":
		return &failure{reason: outcome.ReasonPinMissing, message: fmt.Sprintf("The directory demands a pinned key for printer %s and has none.", name)}
	case !w.Grade.AtLeast(p.printer.Floor):
		return plainForbidden(name)
	}
	return nil
}

// isAnotherPrinter reports whether a UUID is not that of the directory. The
// pinned key makes up for a missing UUID.
func (p *prober) isAnotherPrinter(uuid string, pinned bool) bool {
	want := p.printer.UUID
	return want != "" && want != uuid && (uuid != "" || !pinned)
}

func anotherUUID(name, uuid string) *failure {
	if uuid == "" {
		uuid = "none"
	}
	return &failure{reason: outcome.ReasonAnother,
		message: fmt.Sprintf("Another printer answers at the address of printer %s: its UUID is %s.", name, strings.TrimPrefix(uuid, "urn:uuid:"))}
}

func plainForbidden(name string) *failure {
	return &failure{reason: outcome.ReasonPlain, next: true,
		message: fmt.Sprintf("Printer %s can only be reached without encryption, and the directory forbids that.", name)}
}

func unknownFormat(name string) *failure {
	return &failure{reason: ReasonUnknownFormat, message: fmt.Sprintf("Printer %s is not known to take documents of any format.", name)}
}

// deliveryOperations are what a delivery may ask a printer to do, by the names
// of RFC 8011 §5.4.15.
var deliveryOperations = []struct {
	op   goipp.Op
	name string
}{
	{goipp.OpPrintJob, "Print-Job"}, {goipp.OpValidateJob, "Validate-Job"}, {goipp.OpCreateJob, "Create-Job"},
	{goipp.OpSendDocument, "Send-Document"}, {goipp.OpCancelJob, "Cancel-Job"},
	{goipp.OpGetJobAttributes, "Get-Job-Attributes"}, {goipp.OpGetJobs, "Get-Jobs"},
}

// probeIPP returns what a printer has said of itself.
func (s *session) probeIPP() *ProbeIPP {
	i := s.info
	id := i.readIdentity()
	state, _, _ := strings.Cut(id.State, " ")
	out := &ProbeIPP{
		Version: s.version.String(), Name: id.Name, Location: id.Location, MakeAndModel: id.MakeModel, UUID: i.uuid(),
		State: state, Reasons: orEmpty(i.reasons()), Message: i.message(), Accepting: i.accepting(),
		Formats: orEmpty(id.Formats), Operations: []string{},
		EmptyJobs: i.offers(goipp.OpCreateJob) && i.offers(goipp.OpSendDocument) && !quirksOf(i.model()).PrintJob,
		Gzip:      slices.Contains(ipp.Strings(i.attrs, "compression-supported"), "gzip") && !quirksOf(i.model()).NoGzip,
		stopped:   i.stopped() && len(i.blockingReasons()) > 0,
	}
	for _, o := range deliveryOperations {
		if i.offers(o.op) {
			out.Operations = append(out.Operations, o.name)
		}
	}
	return out
}

// orEmpty returns the list, or one that JSON shows as [] if it is nil.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
