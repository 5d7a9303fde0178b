package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/printscout/printscout/delivery/internal/raw"
	"github.com/printscout/printscout/delivery/snmp"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

const (
	// besideWait is how long SNMP may hold up a printer that has answered by IPP.
	besideWait = 100 * time.Millisecond
	// silentFor is how long a printer that did not answer to SNMP is not asked.
	silentFor = time.Hour
)

// snmpLookup is a lookup by SNMP that runs next to everything else.
type snmpLookup struct {
	end    context.CancelFunc
	done   chan struct{}
	report *snmp.Report // nil if there is none; to be read once done is closed
	err    error
	known  *snmp.Known
	heeded bool // what it says is in the evidence
}

// beginSNMP begins to ask the printer by SNMP, unless it is known not to
// answer.
func (a *attempt) beginSNMP(ctx context.Context) {
	a.endSNMP()
	access, ok := AccessOf(a.printer, a.deliverer.keys)
	silent := a.deliverer.now().Sub(a.known.Silent)
	if !ok {
		return
	}
	if silent >= 0 && silent < silentFor {
		a.addEvidence("%s", snmp.Unavailable)
		return
	}
	ctx, end := context.WithCancel(ctx)
	o := &snmpLookup{end: end, done: make(chan struct{})}
	known, want := new(snmp.Known), snmp.Full
	if json.Unmarshal(a.known.SNMP, known) == nil && known.Looked {
		want = snmp.Steady
	}
	a.snmp = o
	go func() {
		defer close(o.done)
		var r snmp.Report
		if r, o.known, o.err = snmp.Look(ctx, hostOf(a.printer.URIs), access, known, want); o.err == nil {
			o.report = &r
		}
	}()
}

// hostOf returns the host of the first address.
func hostOf(uris []string) string {
	for _, uri := range uris {
		if u, err := url.Parse(uri); err == nil && u.Hostname() != "" {
			return u.Hostname()
		}
	}
	return ""
}

// endSNMP stops a lookup that is still running, and keeps what it has learned.
func (a *attempt) endSNMP() {
	o := a.snmp
	if o == nil {
		return
	}
	a.snmp = nil
	o.end()
	<-o.done
	switch {
	case o.report == nil:
		a.addEvidence("%s", snmp.Unavailable)
	case !o.heeded: // it came late
		a.noteStatus(o.report.Verdict(snmp.IPP{Answered: true}))
	}
	if errors.Is(o.err, snmp.ErrSilent) {
		a.known.Silent = a.deliverer.now()
	}
	if o.known == nil {
		return
	}
	// What is remembered is stored unsealed. A delivery needs no text that a
	// person, or a job, may have given the printer.
	o.known.Model, o.known.Name, o.known.Location, o.known.Firmware = "", "", "", ""
	if b, err := json.Marshal(o.known); err == nil {
		a.known.SNMP = b
	}
}

// awaitSNMPReport returns what SNMP says, waiting at most that long; nil if it
// says nothing.
func (a *attempt) awaitSNMPReport(ctx context.Context, most time.Duration) *snmp.Report {
	if a.snmp == nil {
		return nil
	}
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-a.snmp.done:
		return a.snmp.report
	case <-t.C:
	case <-ctx.Done():
	}
	return nil
}

// heedSNMP checks by SNMP whether it is the printer of the directory and
// whether it can print. If IPP has answered that, IPP has the last word.
func (a *attempt) heedSNMP(ctx context.Context, most time.Duration, said snmp.IPP) error {
	r := a.awaitSNMPReport(ctx, most)
	if r == nil {
		return nil
	}
	a.lifeCount, a.snmp.heeded = r.LifeCount, true
	if want := a.printer.Serial; want != "" && r.Serial != "" && r.Serial != want {
		return a.anotherPrinter("serial number", r.Serial)
	}
	v := r.Verdict(said)
	if v.Kind == snmp.Block && len(v.Sentences) > 0 {
		return &failure{reason: outcome.ReasonStopped, message: fmt.Sprintf("Printer %s is stopped: %s", a.printer.Name, strings.Join(v.Sentences, " "))}
	}
	a.noteStatus(v)
	return nil
}

// noteStatus adds what SNMP says of the printer's state to the evidence.
func (a *attempt) noteStatus(v snmp.Verdict) {
	const most = 3
	for _, sentence := range v.Sentences[:min(most, len(v.Sentences))] {
		a.addEvidence("%s", sentence)
	}
}

// errNotCounted means that the printer's page counter is not known.
var errNotCounted = errors.New("the page counter is not known")

// readPageCounter reads the printer's page counter, and adds to the evidence
// how far it has come since the document, for the person who decides what
// became of it.
func (a *attempt) readPageCounter(ctx context.Context) (now int64, err error) {
	access, may := AccessOf(a.printer, a.deliverer.keys)
	if a.lifeCount == nil || !may {
		return 0, errNotCounted
	}
	known := new(snmp.Known)
	_ = json.Unmarshal(a.known.SNMP, known) // none if it is damaged
	if now, err = snmp.Count(ctx, hostOf(a.printer.URIs), access, known); err != nil {
		a.addEvidence("The printer's page counter could not be read: %s", ipp.Clean(err.Error(), 200))
		return 0, err
	}
	a.addEvidence("The printer's page counter went from %d to %d.", *a.lifeCount, now)
	return now, nil
}

// rawFormats returns the formats that a printer is known to take on port 9100,
// and whether it speaks PJL: by the directory, else by its languages in SNMP.
func (a *attempt) rawFormats(r *snmp.Report) (formats []string, pjl bool) {
	if r != nil {
		formats, pjl = raw.Formats(r.ID1284, r.Languages)
	}
	if len(a.printer.Formats) > 0 {
		formats = slices.Clone(a.printer.Formats)
	}
	return formats, pjl || a.printer.PJL
}
