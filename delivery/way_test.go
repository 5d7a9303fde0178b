package delivery_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// bothAddresses lets a printer be reached over IPPS and, if need be, over IPP.
func bothAddresses(c *deliveryCall) {
	c.entry.URIs, c.entry.Floor = []string{c.p.URI(), c.p.PlainURI()}, directory.GradeIPP
}

// checkOutcome checks state, reason, and the way that was gone.
func checkOutcome(t *testing.T, o delivery.Outcome, state outcome.State, reason, protocol string, grade directory.Grade) {
	t.Helper()
	if o.State != state || o.Reason != reason || o.Protocol != protocol || o.Grade != string(grade) {
		t.Errorf("%s %q over %q, %q; want %s %q over %q, %q\n%s %q", o.State, o.Reason, o.Protocol, o.Grade, state, reason, protocol, grade, o.Message, o.Evidence)
	}
}

func TestPinned(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	checkOutcome(t, c.deliver(), outcome.Delivered, "", "ipps", directory.GradePinned)
	if n := c.p.Stats().PlainConnections; n != 0 {
		t.Errorf("%d plain connections", n)
	}
}

func TestPinnedAndExpired(t *testing.T) {
	now := time.Now()
	old, err := simprinter.SelfSigned("old", now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	c := newCall(t, simprinter.Config{Certificate: &old}, small)
	checkOutcome(t, c.deliver(), outcome.Delivered, "", "ipps", directory.GradePinned)
}

func TestAnotherKeyEndsEverything(t *testing.T) {
	for name, set := range map[string]func(*deliveryCall){
		"from the start":      func(c *deliveryCall) { c.p.ReplaceCertificate(nil) },
		"before the document": func(c *deliveryCall) { c.onJournal(delivery.StepSending, func() error { return c.newKey() }) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCall(t, simprinter.Config{}, small)
			bothAddresses(c)
			set(c)
			o := c.deliver()
			if o.State != outcome.NotSent || o.Reason != outcome.ReasonPinMismatch {
				t.Errorf("%+v", o)
			}
			checkTruthful(t, c.p, o, c.content)
			if s := c.p.Stats(); s.PlainConnections != 0 || s.DocumentBytes != 0 {
				t.Errorf("%d plain connections, %d document bytes", s.PlainConnections, s.DocumentBytes)
			}
		})
	}
}

func (c *deliveryCall) newKey() error { return c.p.ReplaceCertificate(nil) }

func TestPlainOnlyWhereAllowed(t *testing.T) {
	for name, x := range map[string]struct {
		floor  directory.Grade
		state  outcome.State
		reason string
		plain  bool
	}{
		"floor ipp":         {directory.GradeIPP, outcome.Delivered, "", true},
		"floor raw":         {directory.GradeRaw, outcome.Delivered, "", true},
		"floor ipps":        {directory.GradeIPPS, outcome.NotSent, outcome.ReasonUnreachable, false},
		"floor ipps-pinned": {directory.GradePinned, outcome.NotSent, outcome.ReasonUnreachable, false},
		"no floor":          {"", outcome.NotSent, outcome.ReasonNoAddress, false},
		"unknown floor":     {"none", outcome.NotSent, outcome.ReasonNoAddress, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCall(t, simprinter.Config{}, small)
			c.entry.URIs, c.entry.Floor = []string{c.p.PlainURI(), goneURI}, x.floor
			o := c.deliver()
			if o.State != x.state || o.Reason != x.reason {
				t.Errorf("%+v", o)
			}
			if n := c.p.Stats().PlainConnections; (n > 0) != x.plain {
				t.Errorf("%d plain connections", n)
			}
			checkTruthful(t, c.p, o, c.content)
		})
	}
}

func TestRefusalsNeverLeadToAWeakerWay(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]simprinter.Fault{
		"login over http": {HTTP: 401},
		"forbidden":       {Status: goipp.StatusErrorForbidden},
		"account":         {Status: goipp.StatusErrorAccountLimitReached},
		"busy over http":  {HTTP: 503},
		"busy":            {Status: goipp.StatusErrorBusy},
		"not accepting":   {Status: goipp.StatusErrorNotAcceptingJobs},
		"server error":    {Status: goipp.StatusErrorInternal},
		"http error":      {HTTP: 500},
		"redirected":      {HTTP: 307},
		"deactivated":     {Status: goipp.StatusErrorPrinterIsDeactivated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCall(t, simprinter.Config{}, small)
			bothAddresses(c)
			c.p.SetFault(goipp.OpGetPrinterAttributes, f)
			o := c.deliver()
			if o.State != outcome.NotSent {
				t.Errorf("%+v", o)
			}
			if n := c.p.Stats().PlainConnections; n != 0 {
				t.Errorf("%d plain connections", n)
			}
		})
	}
}

func TestMissingLeadsToTheNextAddress(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	c.entry.URIs = []string{c.p.URI() + "/no", c.p.URI()}
	checkOutcome(t, c.deliver(), outcome.Delivered, "", "ipps", directory.GradePinned)

	c = newCall(t, simprinter.Config{}, small)
	c.entry.URIs = []string{c.p.URI()[:len(c.p.URI())-len("/ipp/print")]}
	checkOutcome(t, c.deliver(), outcome.Delivered, "", "ipps", directory.GradePinned)
}

func TestVerifiedByRoots(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	c.entry.Pin, c.entry.Floor = "", directory.GradeIPPS
	roots := x509.NewCertPool()
	roots.AddCert(c.p.Certificate())
	o := delivery.New(delivery.Config{Timeouts: c.limits, Roots: roots}).Deliver(c.ctx, c.entry, c.doc, delivery.Hooks{})
	checkOutcome(t, o, outcome.Delivered, "", "ipps", directory.GradeIPPS)
}

func TestUnverifiedIsNoBetterThanPlain(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	bothAddresses(c)
	c.entry.Pin = ""
	checkOutcome(t, c.deliver(), outcome.Delivered, "", "ipps", directory.GradeIPP)
	if n := c.p.Stats().PlainConnections; n != 0 {
		t.Errorf("%d plain connections", n)
	}
}

func TestOlderVersion(t *testing.T) {
	c := newCall(t, simprinter.Config{Versions: []string{"1.1"}}, small)
	checkOutcome(t, c.deliver(), outcome.Delivered, "", "ipps", directory.GradePinned)
}

func TestCreateJobWithoutSendDocument(t *testing.T) {
	ops := append([]goipp.Op{goipp.OpCreateJob}, onlyJob...)
	for name, set := range map[string]func(*deliveryCall){
		"listed so": func(*deliveryCall) {},
		"listed but a lie": func(c *deliveryCall) {
			c.p.SetFault(goipp.OpCreateJob, simprinter.Fault{Status: goipp.StatusErrorOperationNotSupported})
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := simprinter.Config{Operations: ops}
			if name == "listed but a lie" {
				config.Operations = nil
			}
			c := newCall(t, config, small)
			set(c)
			o := c.deliver()
			checkOutcome(t, o, outcome.Delivered, "", "ipps", directory.GradePinned)
			checkTruthful(t, c.p, o, c.content)
			if n := c.p.Stats().Requests[goipp.OpPrintJob]; n != 1 {
				t.Errorf("%d times Print-Job", n)
			}
		})
	}
}

func TestStoppedWithoutAReasonIsNoObstacle(t *testing.T) {
	c := newCall(t, attributesConfig(ipp.Enum("printer-state", 5), ipp.Keyword("printer-state-reasons", "toner-low-warning")), small)
	checkOutcome(t, c.deliver(), outcome.Delivered, "", "ipps", directory.GradePinned)
}
