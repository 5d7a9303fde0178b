package delivery

import (
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// deliveryAttributes are requested from a printer before a delivery, by name:
// "all" is 100 KB at some printers.
var deliveryAttributes = []string{
	"operations-supported", "document-format-supported", "printer-is-accepting-jobs",
	"printer-state", "printer-state-reasons", "printer-state-message",
	"printer-make-and-model", "printer-uuid", "printer-up-time", "queued-job-count", "compression-supported", "uri-security-supported",
	"copies-supported", "sides-supported", "media-supported", "media-col-supported",
	"media-size-supported", "media-source-supported", "media-type-supported", "media-bottom-margin-supported",
	"media-left-margin-supported", "media-right-margin-supported", "media-top-margin-supported",
	"print-color-mode-supported", "print-quality-supported", "print-scaling-supported",
	"print-content-optimize-supported", "print-rendering-intent-supported",
	"printer-resolution-supported", "orientation-requested-supported", "page-ranges-supported",
	"number-up-supported", "finishings-supported", "output-bin-supported",
	"multiple-document-handling-supported", "job-sheets-supported", "job-sheets-default", "overrides-supported",
	"finishings-col-supported", "finishing-template-supported",
}

// printerInfo is what a printer says of itself.
type printerInfo struct{ attrs goipp.Attributes }

func (i printerInfo) offers(op goipp.Op) bool {
	return ipp.HasInt(i.attrs, "operations-supported", int(op))
}

func (i printerInfo) model() string {
	return ipp.Clean(ipp.String(i.attrs, "printer-make-and-model"), 255)
}

// uuid returns printer-uuid (PWG 5100.13 §5.6.45) in lower case, "" if the
// printer has none.
func (i printerInfo) uuid() string {
	return strings.ToLower(ipp.Clean(ipp.String(i.attrs, "printer-uuid"), 45))
}

// upTime returns printer-up-time in seconds (RFC 8011 §5.4.29), 0 if not
// given.
func (i printerInfo) upTime() int {
	n, _ := ipp.Int(i.attrs, "printer-up-time")
	return n
}

func (i printerInfo) accepting() bool {
	b, ok := ipp.Bool(i.attrs, "printer-is-accepting-jobs")
	return b || !ok
}

// processing reports whether the printer has a job to work on.
func (i printerInfo) processing() bool {
	state, _ := ipp.Int(i.attrs, "printer-state")
	queued, _ := ipp.Int(i.attrs, "queued-job-count")
	return state == ipp.PrinterProcessing || queued > 0
}

func (i printerInfo) stopped() bool {
	n, _ := ipp.Int(i.attrs, "printer-state")
	return n == ipp.PrinterStopped
}

// reasons returns printer-state-reasons (RFC 8011 §5.4.12) without "none".
func (i printerInfo) reasons() []string { return cleanReasons(i.attrs, "printer-state-reasons") }

func (i printerInfo) message() string {
	return ipp.Clean(ipp.String(i.attrs, "printer-state-message"), 255)
}

// needsPerson are the reasons that keep a stopped printer from printing until
// a person has seen to it. Names that end in -error always do.
var needsPerson = []string{
	"cover-open", "developer-empty", "door-open", "deactivated", "fuser-over-temp", "fuser-under-temp",
	"input-tray-missing", "interlock-open", "marker-supply-empty", "marker-supply-missing",
	"marker-waste-full", "media-empty", "media-jam", "media-needed", "opc-life-over",
	"output-area-full", "output-tray-missing", "paused", "shutdown", "toner-empty",
}

func blocksPrinting(reason string) bool {
	if strings.HasSuffix(reason, "-error") {
		return true
	}
	for _, r := range needsPerson {
		if reason == r {
			return true
		}
	}
	return false
}

func (i printerInfo) blockingReasons() []string {
	var out []string
	for _, r := range i.reasons() {
		if blocksPrinting(r) {
			out = append(out, r)
		}
	}
	return out
}

func (i printerInfo) spoolFull() bool {
	for _, r := range i.reasons() {
		if strings.TrimSuffix(strings.TrimSuffix(r, "-error"), "-warning") == "spool-area-full" {
			return true
		}
	}
	return false
}

// cleanReasons returns the keywords of an attribute that names reasons, at
// most 16.
func cleanReasons(attrs goipp.Attributes, name string) []string {
	var out []string
	for _, r := range ipp.Strings(attrs, name) {
		r = strings.ToLower(ipp.Clean(r, 127))
		if r != "" && r != "none" && len(out) < 16 {
			out = append(out, r)
		}
	}
	return out
}
