package simprinter_test

import (
	"bytes"
	"os"
	"slices"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// jobChecks are those of what becomes of jobs.
var jobChecks = map[string]func(w *scenarioWorld){
	"good": func(w *scenarioWorld) {
		w.wantState(w.mustPrint(largeDocument()), 9, "job-completed-successfully")
		w.wantKept(w.lastJob().File, largeDocument())
		if w.p.PlainURI() == "" || !w.lastJob().TLS {
			w.Error("it does not have both IPP and IPPS")
		}
	},
	"busy": func(w *scenarioWorld) {
		_, err := w.printDocument(testPDF(1))
		w.wantStatus(err, goipp.StatusErrorBusy)
	},
	"busy-503": func(w *scenarioWorld) { _, err := w.printDocument(testPDF(1)); w.wantHTTP(err, 503) },
	"single-job": func(w *scenarioWorld) {
		id := w.mustPrint(testPDF(1))
		_, err := w.printDocument(testPDF(1))
		w.wantStatus(err, goipp.StatusErrorBusy)
		w.wantWait(30 * time.Second)
		w.waitUntil("the first has ended", func() bool { return w.p.Jobs()[id-1].State == 9 })
		w.mustPrint(testPDF(1))
	},
	"not-accepting": func(w *scenarioWorld) {
		if yes, ok := ipp.Bool(w.printerAttributes(), "printer-is-accepting-jobs"); yes || !ok {
			w.Error("it says that it accepts jobs")
		}
		_, err := w.printDocument(testPDF(1))
		w.wantStatus(err, goipp.StatusErrorNotAcceptingJobs)
	},
	"validate-login": func(w *scenarioWorld) {
		_, err := w.sendRequest(goipp.OpValidateJob)
		w.wantStatus(err, goipp.StatusErrorNotAuthenticated)
	},
	"validate-missing": func(w *scenarioWorld) {
		_, err := w.sendRequest(goipp.OpValidateJob)
		w.wantStatus(err, goipp.StatusErrorOperationNotSupported)
		w.wantOperation(goipp.OpValidateJob, false)
		w.mustPrint(testPDF(1))
	},
	"completed-but-truncated": func(w *scenarioWorld) {
		w.wantState(w.mustPrint(largeDocument()), 9, "job-completed-successfully")
		w.wantKept(w.lastJob().File, largeDocument()[:1024])
	},
	"no-paper-came": func(w *scenarioWorld) {
		a, err := w.jobAttributes(w.mustPrint(testPDF(3)))
		if n, ok := ipp.Int(a, "job-impressions-completed"); err != nil || !ok || n != 0 {
			w.Errorf("%d pages, %v", n, err)
		}
	},
	"completed-format-error": func(w *scenarioWorld) { w.wantState(w.mustPrint(testPDF(1)), 9, "document-format-error") },
	"completed-strangely":    func(w *scenarioWorld) { w.wantState(w.mustPrint(testPDF(1)), 9, "acme-see-panel") },
	"keeps-incoming": func(w *scenarioWorld) {
		if _, err := w.printDocument(testPDF(1)); err == nil {
			w.Error("it answered")
		}
		w.wantState(1, 5, "job-incoming")
		w.wantWait(8 * time.Second)
		w.waitUntil("it has ended", func() bool { return w.lastJob().State == 9 })
	},
	"number-reused":          func(w *scenarioWorld) { w.givesNumberAway(w.mustPrint(testPDF(1))) },
	"number-reused-nameless": func(w *scenarioWorld) { w.givesNumberAway(w.mustPrint(testPDF(1))) },
	"jobs-nameless":          func(w *scenarioWorld) { w.wantJobName(w.mustPrint(testPDF(1)), "") },
	"jobs-one-name":          func(w *scenarioWorld) { w.wantJobName(w.mustPrint(testPDF(1)), "Print Job") },
	"jobs-in-capitals":       func(w *scenarioWorld) { w.wantJobName(w.mustPrint(testPDF(1)), "T") },
	"jobs-cut-names":         func(w *scenarioWorld) { w.wantJobName(w.mustPrint(testPDF(1)), "t") },
	"no-get-job": func(w *scenarioWorld) {
		w.mustPrint(testPDF(1))
		_, err := w.jobAttributes(1)
		w.wantStatus(err, goipp.StatusErrorOperationNotSupported)
	},
	"busy-not-accepting": func(w *scenarioWorld) {
		w.wantJobState(4, "none")
		_, err := w.printDocument(testPDF(1))
		w.wantStatus(err, goipp.StatusErrorNotAcceptingJobs)
	},
	"never-ends": func(w *scenarioWorld) { w.wantState(w.mustPrint(testPDF(1)), 5, "job-printing") },
	"no-history": func(w *scenarioWorld) {
		_, err := w.jobAttributes(w.mustPrint(testPDF(1)))
		w.wantStatus(err, goipp.StatusErrorNotFound)
	},
	"forgets-at-once": func(w *scenarioWorld) {
		_, err := w.jobAttributes(w.mustPrint(testPDF(1)))
		w.wantStatus(err, goipp.StatusErrorNotFound)
	},
	"forgets-after-60s": func(w *scenarioWorld) {
		id := w.mustPrint(testPDF(1))
		w.wantState(id, 9, "job-completed-successfully")
		w.wantWait(time.Minute)
		w.waitUntil("it has forgotten", func() bool { _, err := w.jobAttributes(id); return ipp.IsStatus(err, goipp.StatusErrorNotFound) })
	},
	"jam": func(w *scenarioWorld) {
		w.wantJobState(5, "media-jam-error")
		if yes, _ := ipp.Bool(w.printerAttributes(), "printer-is-accepting-jobs"); !yes {
			w.Error("it says that it accepts no jobs")
		}
		w.p.Resume()
		w.wantJobState(3, "none")
	},
	"jam-in-job": func(w *scenarioWorld) {
		id := w.mustPrint(testPDF(3))
		w.wantState(id, 6, "printer-stopped")
		w.wantJobState(5, "media-jam-error")
		w.wantResumed(id)
	},
	"out-of-paper": func(w *scenarioWorld) {
		id := w.mustPrint(testPDF(3))
		w.wantState(id, 5, "job-printing")
		w.wantJobState(4, "media-empty")
		w.wantResumed(id)
	},
	"held": func(w *scenarioWorld) {
		id := w.mustPrint(testPDF(3))
		w.wantState(id, 4, "job-hold-until-specified")
		w.wantResumed(id)
	},
	"panel-cancel": func(w *scenarioWorld) { w.wantState(w.mustPrint(testPDF(1)), 7, "job-canceled-at-device") },
	"panel-cancel-receiving": func(w *scenarioWorld) {
		_, err := w.printDocument(largeDocument())
		w.wantStatus(err, goipp.StatusErrorJobCanceled)
		w.wantState(w.lastJob().ID, 7, "job-canceled-at-device")
	},
	"format-error": func(w *scenarioWorld) {
		w.wantState(w.mustPrint(testPDF(1)), 8, "document-format-error")
		if w.lastJob().File != "" {
			w.Error("it kept what it could not print")
		}
	},
	"reboot": func(w *scenarioWorld) {
		if _, err := w.printDocument(testPDF(1)); err == nil {
			w.Error("it answered")
		}
		_, err := w.jobAttributes(1)
		w.wantStatus(err, goipp.StatusErrorNotFound)
		a, err := w.sendRequest(goipp.OpCreateJob)
		if err != nil {
			w.Fatal(err)
		}
		if id, _ := ipp.Int(a.Job, "job-id"); id != 1 {
			w.Errorf("job numbers go on with %d", id)
		}
	},
	"other-printer": func(w *scenarioWorld) {
		before, key := w.p.UUID(), w.p.Certificate().Raw
		first, second := ipp.String(w.printerAttributes(), "printer-uuid"), ipp.String(w.printerAttributes(), "printer-uuid")
		if first != "urn:uuid:"+before || second == first || bytes.Equal(key, w.p.Certificate().Raw) {
			w.Errorf("%s, then %s", first, second)
		}
	},
	"certificate-rotated": func(w *scenarioWorld) {
		first, second := w.shownCertificate(), w.shownCertificate()
		if bytes.Equal(first, second) || !bytes.Equal(second, w.shownCertificate()) {
			w.Error("the certificate did not change once")
		}
	},
}

// givesNumberAway wants a job's number to be another person's once it was
// asked for.
func (w *scenarioWorld) givesNumberAway(id int) {
	w.Helper()
	w.wantState(id, 5, "job-printing")
	w.wantState(id, 5, "job-printing")
	if other := w.lastJob(); other.ID != id || other.User != "alice" {
		w.Errorf("the number is that of %+v", other)
	}
}

// wantJobName wants a job to have that name, and no UUID.
func (w *scenarioWorld) wantJobName(id int, name string) {
	w.Helper()
	a, err := w.jobAttributes(id)
	if err != nil || ipp.String(a, "job-name") != name || ipp.String(a, "job-uuid") != "" {
		w.Errorf("the job is called %q, its UUID is %q, %v", ipp.String(a, "job-name"), ipp.String(a, "job-uuid"), err)
	}
}

// wantJobState wants that of the printer's state.
func (w *scenarioWorld) wantJobState(state int, reason string) {
	w.Helper()
	a := w.printerAttributes()
	if n, _ := ipp.Int(a, "printer-state"); n != state || ipp.String(a, "printer-state-reasons") != reason {
		w.Errorf("printer-state %d %s, want %d %s", n, ipp.String(a, "printer-state-reasons"), state, reason)
	}
}

// wantResumed wants a job that ends when somebody has come, with all its pages.
func (w *scenarioWorld) wantResumed(id int) {
	w.Helper()
	w.p.Resume()
	w.wantState(id, 9, "job-completed-successfully")
	w.wantJobState(3, "none")
	a, err := w.jobAttributes(id)
	if n, _ := ipp.Int(a, "job-impressions-completed"); err != nil || n != 3 {
		w.Errorf("%d pages, %v", n, err)
	}
	if _, err := os.Stat(w.lastJob().File); err != nil {
		w.Error(err)
	}
}

// wantOperation wants an operation to be among those the printer lists, or not.
func (w *scenarioWorld) wantOperation(op goipp.Op, want bool) {
	w.Helper()
	if ipp.HasInt(w.printerAttributes(), "operations-supported", int(op)) != want {
		w.Errorf("lists %s: not %v", op, want)
	}
}

// wantAttribute wants exactly these values of a printer attribute.
func (w *scenarioWorld) wantAttribute(name string, want ...string) {
	w.Helper()
	if got := ipp.Strings(w.printerAttributes(), name); !slices.Equal(got, want) {
		w.Errorf("%s is %q, want %q", name, got, want)
	}
}
