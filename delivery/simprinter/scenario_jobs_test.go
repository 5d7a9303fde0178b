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
var jobChecks = map[string]func(w *world){
	"good": func(w *world) {
		w.state(w.mustPrint(large()), 9, "job-completed-successfully")
		w.kept(w.last().File, large())
		if w.p.PlainURI() == "" || !w.last().TLS {
			w.Error("it does not have both IPP and IPPS")
		}
	},
	"busy":     func(w *world) { _, err := w.print(pdf(1)); w.wantStatus(err, goipp.StatusErrorBusy) },
	"busy-503": func(w *world) { _, err := w.print(pdf(1)); w.wantHTTP(err, 503) },
	"single-job": func(w *world) {
		id := w.mustPrint(pdf(1))
		_, err := w.print(pdf(1))
		w.wantStatus(err, goipp.StatusErrorBusy)
		w.waits(30 * time.Second)
		w.settled("the first has ended", func() bool { return w.p.Jobs()[id-1].State == 9 })
		w.mustPrint(pdf(1))
	},
	"not-accepting": func(w *world) {
		if yes, ok := ipp.Bool(w.attributes(), "printer-is-accepting-jobs"); yes || !ok {
			w.Error("it says that it accepts jobs")
		}
		_, err := w.print(pdf(1))
		w.wantStatus(err, goipp.StatusErrorNotAcceptingJobs)
	},
	"validate-login": func(w *world) {
		_, err := w.ask(goipp.OpValidateJob)
		w.wantStatus(err, goipp.StatusErrorNotAuthenticated)
	},
	"validate-missing": func(w *world) {
		_, err := w.ask(goipp.OpValidateJob)
		w.wantStatus(err, goipp.StatusErrorOperationNotSupported)
		w.lists(goipp.OpValidateJob, false)
		w.mustPrint(pdf(1))
	},
	"completed-but-truncated": func(w *world) {
		w.state(w.mustPrint(large()), 9, "job-completed-successfully")
		w.kept(w.last().File, large()[:1024])
	},
	"no-paper-came": func(w *world) {
		a, err := w.job(w.mustPrint(pdf(3)))
		if n, ok := ipp.Int(a, "job-impressions-completed"); err != nil || !ok || n != 0 {
			w.Errorf("%d pages, %v", n, err)
		}
	},
	"completed-format-error": func(w *world) { w.state(w.mustPrint(pdf(1)), 9, "document-format-error") },
	"completed-strangely":    func(w *world) { w.state(w.mustPrint(pdf(1)), 9, "acme-see-panel") },
	"keeps-incoming": func(w *world) {
		if _, err := w.print(pdf(1)); err == nil {
			w.Error("it answered")
		}
		w.state(1, 5, "job-incoming")
		w.waits(8 * time.Second)
		w.settled("it has ended", func() bool { return w.last().State == 9 })
	},
	"number-reused":          func(w *world) { w.givesNumberAway(w.mustPrint(pdf(1))) },
	"number-reused-nameless": func(w *world) { w.givesNumberAway(w.mustPrint(pdf(1))) },
	"jobs-nameless":          func(w *world) { w.calls(w.mustPrint(pdf(1)), "") },
	"jobs-one-name":          func(w *world) { w.calls(w.mustPrint(pdf(1)), "Print Job") },
	"jobs-in-capitals":       func(w *world) { w.calls(w.mustPrint(pdf(1)), "T") },
	"jobs-cut-names":         func(w *world) { w.calls(w.mustPrint(pdf(1)), "t") },
	"no-get-job": func(w *world) {
		w.mustPrint(pdf(1))
		_, err := w.job(1)
		w.wantStatus(err, goipp.StatusErrorOperationNotSupported)
	},
	"busy-not-accepting": func(w *world) {
		w.says(4, "none")
		_, err := w.print(pdf(1))
		w.wantStatus(err, goipp.StatusErrorNotAcceptingJobs)
	},
	"never-ends": func(w *world) { w.state(w.mustPrint(pdf(1)), 5, "job-printing") },
	"no-history": func(w *world) {
		_, err := w.job(w.mustPrint(pdf(1)))
		w.wantStatus(err, goipp.StatusErrorNotFound)
	},
	"forgets-at-once": func(w *world) {
		_, err := w.job(w.mustPrint(pdf(1)))
		w.wantStatus(err, goipp.StatusErrorNotFound)
	},
	"forgets-after-60s": func(w *world) {
		id := w.mustPrint(pdf(1))
		w.state(id, 9, "job-completed-successfully")
		w.waits(time.Minute)
		w.settled("it has forgotten", func() bool { _, err := w.job(id); return ipp.IsStatus(err, goipp.StatusErrorNotFound) })
	},
	"jam": func(w *world) {
		w.says(5, "media-jam-error")
		if yes, _ := ipp.Bool(w.attributes(), "printer-is-accepting-jobs"); !yes {
			w.Error("it says that it accepts no jobs")
		}
		w.p.Resume()
		w.says(3, "none")
	},
	"jam-in-job": func(w *world) {
		id := w.mustPrint(pdf(3))
		w.state(id, 6, "printer-stopped")
		w.says(5, "media-jam-error")
		w.resumes(id)
	},
	"out-of-paper": func(w *world) {
		id := w.mustPrint(pdf(3))
		w.state(id, 5, "job-printing")
		w.says(4, "media-empty")
		w.resumes(id)
	},
	"held": func(w *world) {
		id := w.mustPrint(pdf(3))
		w.state(id, 4, "job-hold-until-specified")
		w.resumes(id)
	},
	"panel-cancel": func(w *world) { w.state(w.mustPrint(pdf(1)), 7, "job-canceled-at-device") },
	"panel-cancel-receiving": func(w *world) {
		_, err := w.print(large())
		w.wantStatus(err, goipp.StatusErrorJobCanceled)
		w.state(w.last().ID, 7, "job-canceled-at-device")
	},
	"format-error": func(w *world) {
		w.state(w.mustPrint(pdf(1)), 8, "document-format-error")
		if w.last().File != "" {
			w.Error("it kept what it could not print")
		}
	},
	"reboot": func(w *world) {
		if _, err := w.print(pdf(1)); err == nil {
			w.Error("it answered")
		}
		_, err := w.job(1)
		w.wantStatus(err, goipp.StatusErrorNotFound)
		a, err := w.ask(goipp.OpCreateJob)
		if err != nil {
			w.Fatal(err)
		}
		if id, _ := ipp.Int(a.Job, "job-id"); id != 1 {
			w.Errorf("job numbers go on with %d", id)
		}
	},
	"other-printer": func(w *world) {
		before, key := w.p.UUID(), w.p.Certificate().Raw
		first, second := ipp.String(w.attributes(), "printer-uuid"), ipp.String(w.attributes(), "printer-uuid")
		if first != "urn:uuid:"+before || second == first || bytes.Equal(key, w.p.Certificate().Raw) {
			w.Errorf("%s, then %s", first, second)
		}
	},
	"certificate-rotated": func(w *world) {
		first, second := w.shown(), w.shown()
		if bytes.Equal(first, second) || !bytes.Equal(second, w.shown()) {
			w.Error("the certificate did not change once")
		}
	},
}

// givesNumberAway wants a job's number to be somebody else's once it was asked
// for.
func (w *world) givesNumberAway(id int) {
	w.Helper()
	w.state(id, 5, "job-printing")
	w.state(id, 5, "job-printing")
	if other := w.last(); other.ID != id || other.User != "alice" {
		w.Errorf("the number is that of %+v", other)
	}
}

// calls wants a job to have that name, and no UUID.
func (w *world) calls(id int, name string) {
	w.Helper()
	a, err := w.job(id)
	if err != nil || ipp.String(a, "job-name") != name || ipp.String(a, "job-uuid") != "" {
		w.Errorf("the job is called %q, its UUID is %q, %v", ipp.String(a, "job-name"), ipp.String(a, "job-uuid"), err)
	}
}

// says wants that of the printer's state.
func (w *world) says(state int, reason string) {
	w.Helper()
	a := w.attributes()
	if n, _ := ipp.Int(a, "printer-state"); n != state || ipp.String(a, "printer-state-reasons") != reason {
		w.Errorf("printer-state %d %s, want %d %s", n, ipp.String(a, "printer-state-reasons"), state, reason)
	}
}

// resumes wants a job that ends when somebody has come, with all its pages.
func (w *world) resumes(id int) {
	w.Helper()
	w.p.Resume()
	w.state(id, 9, "job-completed-successfully")
	w.says(3, "none")
	a, err := w.job(id)
	if n, _ := ipp.Int(a, "job-impressions-completed"); err != nil || n != 3 {
		w.Errorf("%d pages, %v", n, err)
	}
	if _, err := os.Stat(w.last().File); err != nil {
		w.Error(err)
	}
}

// lists wants an operation to be among those the printer lists, or not.
func (w *world) lists(op goipp.Op, want bool) {
	w.Helper()
	if ipp.HasInt(w.attributes(), "operations-supported", int(op)) != want {
		w.Errorf("lists %s: not %v", op, want)
	}
}

// has wants exactly these values of a printer attribute.
func (w *world) has(name string, want ...string) {
	w.Helper()
	if got := ipp.Strings(w.attributes(), name); !slices.Equal(got, want) {
		w.Errorf("%s is %q, want %q", name, got, want)
	}
}
