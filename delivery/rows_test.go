package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// row is a row of the table of failures in docs/delivery.md.
type row struct {
	printer simprinter.Config
	size    int // of the document; small where 0
	set     func(c *deliveryCall)
	state   outcome.State
	reason  string
	nothing bool // no document byte may have come
}

var (
	errDisk  = errors.New("disk failed")
	two      = 2
	onlyJob  = []goipp.Op{goipp.OpPrintJob, goipp.OpValidateJob, goipp.OpCancelJob, goipp.OpGetJobAttributes, goipp.OpGetJobs, goipp.OpGetPrinterAttributes}
	sendDoc  = goipp.OpSendDocument
	getPrn   = goipp.OpGetPrinterAttributes
	validate = goipp.OpValidateJob
)

func setFault(op goipp.Op, f simprinter.Fault) func(*deliveryCall) {
	return func(c *deliveryCall) { c.p.SetFault(op, f) }
}

func jobVerdict(f simprinter.Fate) func(*deliveryCall) {
	return func(c *deliveryCall) { c.p.SetFate(f) }
}

func plainOnly(c *deliveryCall) {
	c.entry.URIs, c.entry.Pin, c.entry.Floor = []string{c.p.PlainURI()}, "", directory.GradeIPP
}

func attributesConfig(a ...goipp.Attribute) simprinter.Config {
	return simprinter.Config{Attributes: a}
}

// shortAnswer makes answers run out soon, for printers that are silent on
// purpose.
func shortAnswer(c *deliveryCall) { c.limits.Answer, c.limits.Body = time.Second, time.Second }

func journalFails(step delivery.Step) func(*deliveryCall) {
	return func(c *deliveryCall) { c.onJournal(step, func() error { return errDisk }) }
}

// leaveWhileFollowing lets what cancels a call be the stop of the program.
func leaveWhileFollowing(c *deliveryCall) {
	ctx, cancel := context.WithCancelCause(c.ctx)
	c.ctx, c.cancel = ctx, func() { cancel(delivery.ErrLeave) }
}

func cancelsAt(step delivery.Step) func(*deliveryCall) {
	return func(c *deliveryCall) { c.onJournal(step, func() error { c.cancel(); return nil }) }
}

var rows = map[string]row{
	"unreachable": {set: func(c *deliveryCall) { c.p.Close() }, state: outcome.NotSent, reason: outcome.ReasonUnreachable, nothing: true},
	"no-address": {set: func(c *deliveryCall) { c.entry.URIs = []string{"lpd://127.0.0.1/queue"} },
		state: outcome.NotSent, reason: outcome.ReasonNoAddress, nothing: true},
	"plain-forbidden": {set: func(c *deliveryCall) { plainOnly(c); c.entry.Floor = directory.GradeIPPS },
		state: outcome.NotSent, reason: outcome.ReasonPlain, nothing: true},
	"tls-not-spoken": {set: func(c *deliveryCall) { c.entry.URIs = []string{"ipps" + strings.TrimPrefix(c.p.PlainURI(), "ipp")} },
		state: outcome.NotSent, reason: outcome.ReasonNoTLS, nothing: true},
	"another-printer": {set: func(c *deliveryCall) { c.entry.UUID = "urn:uuid:00000000-0000-4000-8000-000000000000" },
		state: outcome.NotSent, reason: outcome.ReasonAnother, nothing: true},
	"wrong-path": {set: func(c *deliveryCall) { c.entry.URIs = []string{c.p.URI() + "/2"} },
		state: outcome.NotSent, reason: outcome.ReasonWrongPath, nothing: true},
	"pin-mismatch": {set: func(c *deliveryCall) { c.p.ReplaceCertificate(nil) },
		state: outcome.NotSent, reason: outcome.ReasonPinMismatch, nothing: true},
	"pin-missing": {set: func(c *deliveryCall) { c.entry.Pin = "" }, state: outcome.NotSent, reason: outcome.ReasonPinMissing, nothing: true},
	"certificate-untrusted": {set: func(c *deliveryCall) { c.entry.Pin, c.entry.Floor = "", directory.GradeIPPS },
		state: outcome.NotSent, reason: outcome.ReasonUntrusted, nothing: true},
	"login-refused": {set: setFault(validate, simprinter.Fault{HTTP: 401}), state: outcome.NotSent, reason: outcome.ReasonLogin, nothing: true},
	"tls-required": {set: func(c *deliveryCall) { plainOnly(c); c.p.SetFault(getPrn, simprinter.Fault{HTTP: 426}) },
		state: outcome.NotSent, reason: outcome.ReasonTLSRequired, nothing: true},
	"busy": {set: setFault(goipp.OpCreateJob, simprinter.Fault{Status: goipp.StatusErrorBusy}),
		state: outcome.NotSent, reason: outcome.ReasonBusy, nothing: true},
	"not-accepting": {printer: attributesConfig(ipp.Boolean("printer-is-accepting-jobs", false)),
		state: outcome.NotSent, reason: outcome.ReasonNotAccepting, nothing: true},
	"stopped": {printer: attributesConfig(ipp.Enum("printer-state", 5), ipp.Keyword("printer-state-reasons", "media-jam-error"), ipp.Text("printer-state-message", "Paper jam in tray 2.")),
		state: outcome.NotSent, reason: outcome.ReasonStopped, nothing: true},
	"format": {set: func(c *deliveryCall) { c.doc.Format = "application/x-odd" },
		state: outcome.NotSent, reason: outcome.ReasonFormat, nothing: true},
	"copies": {set: func(c *deliveryCall) { c.doc.Attributes = ticketBytes(ipp.Integer("copies", 100)) },
		state: outcome.NotSent, reason: outcome.ReasonCopies, nothing: true},
	"page-ranges": {printer: attributesConfig(ipp.Boolean("page-ranges-supported", false)),
		set:   func(c *deliveryCall) { c.doc.Attributes = ticketBytes(ipp.Range("page-ranges", 2, 3)) },
		state: outcome.NotSent, reason: outcome.ReasonPages, nothing: true},
	"hangs-up": {set: func(c *deliveryCall) { plainOnly(c); c.p.SetFault(getPrn, simprinter.Fault{ResetAtEnd: true}) },
		state: outcome.NotSent, reason: outcome.ReasonUnreachable, nothing: true},
	"unreadable-answer": {set: setFault(getPrn, simprinter.Fault{Garbage: true}),
		state: outcome.NotSent, reason: outcome.ReasonGarbled, nothing: true},
	"create-cut": {set: setFault(goipp.OpCreateJob, simprinter.Fault{ResetAtEnd: true}),
		state: outcome.NotSent, reason: outcome.ReasonNoAnswer, nothing: true},
	"silent-probe": {set: func(c *deliveryCall) { shortAnswer(c); c.p.SetFault(getPrn, simprinter.Fault{Silent: true}) },
		state: outcome.NotSent, reason: outcome.ReasonUnreachable, nothing: true},
	"refused": {set: setFault(validate, simprinter.Fault{Status: goipp.StatusErrorConflicting, Message: "no duplex on labels"}),
		state: outcome.NotSent, reason: outcome.ReasonRefused, nothing: true},
	"unreadable-open": {set: func(c *deliveryCall) { c.doc.Attributes = []byte{2, 0, 0} },
		state: outcome.NotSent, reason: outcome.ReasonUnreadable, nothing: true},
	"create-lost": {set: func(c *deliveryCall) {
		c.limits.Answer = time.Second
		c.p.SetFault(goipp.OpCreateJob, simprinter.Fault{Silent: true, After: true})
	}, state: outcome.NotSent, reason: outcome.ReasonNoAnswer, nothing: true},
	"journal-creating": {set: journalFails(delivery.StepCreating), state: outcome.NotSent, reason: outcome.ReasonJournal, nothing: true},
	"journal-created":  {set: journalFails(delivery.StepCreated), state: outcome.NotSent, reason: outcome.ReasonJournal, nothing: true},
	"journal-sending":  {set: journalFails(delivery.StepSending), state: outcome.NotSent, reason: outcome.ReasonJournal, nothing: true},
	"canceled-waiting": {set: func(c *deliveryCall) { c.cancel() }, state: outcome.Canceled, reason: outcome.ReasonCanceled, nothing: true},
	"canceled-before":  {set: cancelsAt(delivery.StepSending), state: outcome.Canceled, reason: outcome.ReasonCanceled, nothing: true},
	"canceled-sending": {size: large, set: cancelsHalfway,
		state: outcome.Canceled, reason: outcome.ReasonCanceled},
	"canceled-following": {printer: simprinter.Config{Delay: time.Hour}, set: cancelsIn(5),
		state: outcome.Canceled, reason: outcome.ReasonCanceled},
	"left-following": {printer: simprinter.Config{Delay: time.Hour}, set: func(c *deliveryCall) {
		leaveWhileFollowing(c)
		cancelsIn(5)(c)
	}, state: outcome.Uncertain, reason: outcome.ReasonLeft},
	"left-sending": {size: large, set: func(c *deliveryCall) {
		leaveWhileFollowing(c)
		cancelsHalfway(c)
	}, state: outcome.NotSent, reason: outcome.ReasonInterrupted},
	"left-before": {set: func(c *deliveryCall) {
		leaveWhileFollowing(c)
		cancelsAt(delivery.StepSending)(c)
	}, state: outcome.NotSent, reason: outcome.ReasonInterrupted, nothing: true},
	"canceled-late": {set: cancelsIn(9), state: outcome.Delivered, reason: outcome.ReasonTooLate},
	"canceled-silent": {printer: simprinter.Config{Delay: time.Hour}, set: func(c *deliveryCall) { c.p.SetFate(simprinter.Fate{Forget: true}); cancelsIn(5)(c) },
		state: outcome.Uncertain, reason: outcome.ReasonNoAnswer},
	"unreadable-broken": {size: large, set: func(c *deliveryCall) { c.doc.Open = breakingOpener(c.content, large/2, func() {}, errDisk) },
		state: outcome.NotSent, reason: outcome.ReasonUnreadable},
	"cut": {size: huge, set: setFault(sendDoc, simprinter.Fault{CutAfter: 5000}), state: outcome.NotSent, reason: outcome.ReasonConnection},
	"stalled": {size: huge, set: func(c *deliveryCall) {
		shortAnswer(c)
		c.limits.Answer = 5 * time.Second
		c.p.SetFault(sendDoc, simprinter.Fault{StallAfter: 5000})
	},
		state: outcome.NotSent, reason: outcome.ReasonConnection},
	"cut-printed": {printer: simprinter.Config{KeepCut: true}, size: huge, set: setFault(sendDoc, simprinter.Fault{CutAfter: 5000}),
		state: outcome.Uncertain, reason: outcome.ReasonConnection},
	"refused-document": {set: setFault(sendDoc, simprinter.Fault{Status: goipp.StatusErrorDocumentFormatError}),
		state: outcome.NotSent, reason: outcome.ReasonFormat},
	"reset-at-end": {set: setFault(sendDoc, simprinter.Fault{ResetAtEnd: true}), state: outcome.Delivered},
	"reset-unproven": {printer: simprinter.Config{NoOctets: true}, set: setFault(sendDoc, simprinter.Fault{ResetAtEnd: true}),
		state: outcome.Uncertain, reason: outcome.ReasonConnection},
	"reset-dropped": {set: func(c *deliveryCall) {
		c.p.SetFate(simprinter.Fate{State: 7, Reasons: []string{"aborted-by-system"}})
		c.p.SetFault(sendDoc, simprinter.Fault{ResetAtEnd: true})
	}, state: outcome.NotSent, reason: outcome.ReasonConnection},
	"503-at-end":  {set: setFault(sendDoc, simprinter.Fault{HTTP: 503, After: true}), state: outcome.Delivered},
	"busy-at-end": {set: setFault(sendDoc, simprinter.Fault{Status: goipp.StatusErrorBusy, After: true}), state: outcome.Delivered},
	"no-answer": {set: func(c *deliveryCall) {
		c.p.SetFate(simprinter.Fate{Forget: true})
		c.p.SetFault(sendDoc, simprinter.Fault{ResetAtEnd: true})
	}, state: outcome.Uncertain, reason: outcome.ReasonNoAnswer},
	"aborted": {set: jobVerdict(simprinter.Fate{State: 8, Message: "bad PDF"}), state: outcome.NotSent, reason: outcome.ReasonAborted},
	"aborted-printed": {set: jobVerdict(simprinter.Fate{State: 8, Impressions: &two}),
		state: outcome.Uncertain, reason: outcome.ReasonAborted},
	"canceled-at-printer": {set: jobVerdict(simprinter.Fate{State: 7}), state: outcome.Canceled, reason: outcome.ReasonAtPrinter},
	"forgotten":           {printer: simprinter.Config{Delay: time.Hour}, set: jobVerdict(simprinter.Fate{Forget: true}), state: outcome.Uncertain, reason: outcome.ReasonForgotten},
	"completed-with-errors": {set: jobVerdict(simprinter.Fate{Reasons: []string{"job-completed-with-errors"}, Impressions: new(int)}),
		state: outcome.Uncertain, reason: outcome.ReasonWithErrors},
	"completed-strangely": {set: jobVerdict(simprinter.Fate{Reasons: []string{"acme-see-panel"}, NoCount: true}),
		state: outcome.Uncertain, reason: outcome.ReasonWithErrors},
	"completed-short": {set: func(c *deliveryCall) {
		countedRight(c)
		c.doc.Pages = 5
		c.p.SetFate(simprinter.Fate{Impressions: &two})
	}, state: outcome.Uncertain, reason: outcome.ReasonMissing},
	"still-printing": {set: jobVerdict(simprinter.Fate{Never: true}), state: outcome.Uncertain, reason: outcome.ReasonStillPrinting},
	"delivered":      {set: func(*deliveryCall) {}, state: outcome.Delivered},

	"raw-told":         {printer: byRaw(simprinter.Raw{}), set: toRaw, state: outcome.Delivered},
	"raw-silent":       {printer: byRaw(simprinter.Raw{Silent: true}), set: func(c *deliveryCall) { toRaw(c); c.entry.PJL = false }, state: outcome.Delivered},
	"raw-read":         {printer: byRaw(simprinter.Raw{Silent: true}), set: func(c *deliveryCall) { toEcho(c) }, state: outcome.Delivered},
	"raw-never-closed": {printer: byRaw(simprinter.Raw{Silent: true, NeverClose: true}), set: func(c *deliveryCall) { toRaw(c); c.entry.PJL = false }, state: outcome.Uncertain, reason: outcome.ReasonNoAnswer},
	"raw-cut":          {printer: byRaw(simprinter.Raw{ResetAfter: 5000}), size: huge, set: toRaw, state: outcome.Uncertain, reason: outcome.ReasonConnection},
	"raw-canceled-at-printer": {printer: byRaw(simprinter.Raw{Result: "USER_CANCELED"}), set: toRaw,
		state: outcome.Canceled, reason: outcome.ReasonAtPrinter},
	"raw-gives-up": {printer: byRaw(simprinter.Raw{Result: "RESOURCE_CANCELED"}), set: toRaw,
		state: outcome.Uncertain, reason: outcome.ReasonAborted},
	"raw-odd-end": {printer: byRaw(simprinter.Raw{Result: "FAILED"}), set: toRaw,
		state: outcome.Uncertain, reason: outcome.ReasonWithErrors},
	"raw-no-pages": {printer: byRaw(simprinter.Raw{Pages: new(int)}), set: toRaw,
		state: outcome.Uncertain, reason: outcome.ReasonWithErrors},
	"raw-pages-missing": {printer: byRaw(simprinter.Raw{}), set: func(c *deliveryCall) {
		toRaw(c)
		countedRight(c)
		c.p.SetRaw(simprinter.Raw{Pages: &two})
		c.doc.Pages = 3
	}, state: outcome.Uncertain, reason: outcome.ReasonMissing},
	"raw-lost": {printer: byRaw(simprinter.Raw{Code: 30016, Text: "20 MEM OVERFLOW", CodeLast: true}), set: toRaw,
		state: outcome.Uncertain, reason: outcome.ReasonWithErrors},
	"raw-waits": {printer: byRaw(simprinter.Raw{Code: 42010, Text: "13.10 PAPER JAM", CodeLast: true, NoEnd: true}), set: toRaw,
		state: outcome.Uncertain, reason: outcome.ReasonStillPrinting},
	"raw-copies-differ": {printer: byRaw(simprinter.Raw{}), set: func(c *deliveryCall) {
		toRaw(c)
		c.doc.Copies, c.doc.Attributes = 1, ticketBytes(ipp.Integer("copies", 3))
	}, state: outcome.NotSent, reason: outcome.ReasonCopies, nothing: true},
	"raw-canceled-sending": {printer: byRaw(simprinter.Raw{}), size: large, set: func(c *deliveryCall) {
		toRaw(c)
		c.doc.Open = breakingOpener(c.content, large/2, c.cancel, nil)
	}, state: outcome.Uncertain, reason: outcome.ReasonNoAnswer},
	"raw-unreadable": {printer: byRaw(simprinter.Raw{}), size: large, set: func(c *deliveryCall) {
		toRaw(c)
		c.doc.Open = breakingOpener(c.content, large/2, func() {}, errDisk)
	}, state: outcome.Uncertain, reason: outcome.ReasonUnreadable},
	"raw-format": {printer: byRaw(simprinter.Raw{}), set: func(c *deliveryCall) { toRaw(c); c.entry.Formats = []string{"application/postscript"} },
		state: outcome.NotSent, reason: outcome.ReasonFormat, nothing: true},
	"raw-copies": {printer: byRaw(simprinter.Raw{NoPJL: true}), set: func(c *deliveryCall) {
		toRaw(c)
		c.entry.PJL = false
		c.doc.Attributes = ticketBytes(ipp.Integer("copies", 2))
	}, state: outcome.NotSent, reason: outcome.ReasonCopies, nothing: true},
	"raw-pages": {printer: byRaw(simprinter.Raw{}), set: func(c *deliveryCall) {
		toRaw(c)
		c.doc.Attributes = ticketBytes(ipp.Range("page-ranges", 2, 3))
	}, state: outcome.NotSent, reason: outcome.ReasonPages, nothing: true},
	"raw-forbidden": {printer: byRaw(simprinter.Raw{}), set: func(c *deliveryCall) {
		toRaw(c)
		c.entry.URIs, c.entry.Floor = append([]string{"ipp://127.0.0.1:1/ipp/print"}, c.entry.URIs...), directory.GradeIPP
	}, state: outcome.NotSent, reason: outcome.ReasonUnreachable, nothing: true},
	"raw-gone": {printer: byRaw(simprinter.Raw{}), set: func(c *deliveryCall) { toRaw(c); c.p.Close() },
		state: outcome.NotSent, reason: outcome.ReasonUnreachable, nothing: true},
}

// countedRight is a printer that is remembered for having counted pages right.
func countedRight(c *deliveryCall) {
	m := &testMemory{}
	c.memory = m
	doc := c.doc
	c.doc.Format = "application/x-odd" // not sent
	c.deliver()
	c.doc = doc
	m.last = bytes.Replace(m.last, []byte("{"), []byte(`{"counts":{"one_sided":true},"raw":{"names":true,"right":true},`), 1)
}

func TestRows(t *testing.T) {
	t.Parallel()
	said := readFailureTable(t)
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCall(t, r.printer, max(r.size, small))
			if r.set != nil {
				r.set(c)
			}
			o := c.deliver()
			if o.State != r.state || o.Reason != r.reason {
				t.Errorf("%s, %s; want %s, %s\n%+v", o.State, o.Reason, r.state, r.reason, o)
			}
			if n := c.p.Stats().DocumentBytes; r.nothing && n > 0 {
				t.Errorf("%d document bytes came", n)
			}
			if strings.HasPrefix(name, "raw-") {
				truthfulRaw(t, c.p, o, c.content)
			} else {
				checkTruthful(t, c.p, o, c.content)
			}
			said.checkOutcome(t, name, o)
		})
	}
}

// A printer that has to be waited for holds no other one up, nor does a
// printer nobody answers at.
func TestUnreachableAddressesAreQuick(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // takes connections into its backlog and never speaks
	c := newCall(t, simprinter.Config{}, small)
	c.limits.Connect, c.limits.Answer = 300*time.Millisecond, 5*time.Second
	c.entry.URIs = []string{"ipps://" + l.Addr().String() + "/ipp/print", c.p.URI()}
	if o := c.deliver(); o.State != outcome.Delivered || o.TotalMS > 3000 {
		t.Errorf("%+v", o)
	}
}

// failureTable are the rows of the table of failures as docs/delivery.md has
// them.
type failureTable map[string][]string

func readFailureTable(t *testing.T) failureTable {
	t.Helper()
	page, err := os.ReadFile("../docs/delivery.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## Failures and outcomes")
	table, _, _ = strings.Cut(table, "\n## ")
	out := failureTable{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 6 || strings.HasPrefix(line, "| row ") {
			continue
		}
		for name := range strings.SplitSeq(cells[0], ",") {
			name = strings.TrimSpace(name)
			if _, tested := rows[name]; !tested {
				t.Errorf("the row %q of docs/delivery.md is not tested", name)
			}
			out[name] = cells
		}
	}
	if len(out) < len(rows) {
		t.Errorf("docs/delivery.md has %d of %d rows", len(out), len(rows))
	}
	return out
}

var (
	oneWord     = regexp.MustCompile(`^[a-z_-]+$`)
	placeholder = regexp.MustCompile(`\b[A-Z]{2,}( WORDS)?\b|\bN\b`)
)

func (d failureTable) checkOutcome(t *testing.T, name string, o delivery.Outcome) {
	t.Helper()
	cells := d[name]
	if len(cells) != 6 {
		t.Errorf("docs/delivery.md has no row %q", name)
		return
	}
	state, reason, sentence := strings.TrimSpace(cells[3]), strings.TrimSpace(cells[4]), strings.TrimSpace(cells[5])
	if oneWord.MatchString(state) && state != string(o.State) {
		t.Errorf("docs/delivery.md says state %s, not %s", state, o.State)
	}
	if oneWord.MatchString(reason) && reason != o.Reason {
		t.Errorf("docs/delivery.md says reason %s, not %s", reason, o.Reason)
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(sentence), "TLS", "tls")
	pattern = strings.ReplaceAll(placeholder.ReplaceAllString(pattern, ".+"), "…", ".*")
	if sentence != "" && !regexp.MustCompile("^"+pattern+"$").MatchString(strings.ReplaceAll(o.Message, "TLS", "tls")) {
		t.Errorf("the sentence is %q\nbut docs/delivery.md says %q", o.Message, sentence)
	}
}
