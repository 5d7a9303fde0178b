package main

import "github.com/printscout/printscout/delivery/simprinter"

// Operations of IPP (RFC 8011 §5.4.15), as numbers: only a few packages know
// the library that has names for them.
const (
	opPrintJob             = 0x0002
	opValidateJob          = 0x0004
	opSendDocument         = 0x0006
	opCancelJob            = 0x0008
	opGetJobAttributes     = 0x0009
	opGetJobs              = 0x000a
	opGetPrinterAttributes = 0x000b
)

// trouble is what goes wrong once with a document, by its size.
type trouble struct {
	name  string
	fault func(size int64) simprinter.Fault
}

// troubles are those over which other senders print twice or lose a document.
var troubles = []trouble{
	{"reset after the last byte", func(int64) simprinter.Fault { return simprinter.Fault{ResetAtEnd: true} }},
	{"reset in mid-document", func(size int64) simprinter.Fault { return simprinter.Fault{CutAfter: size / 2} }},
	{"503 after it was printed", func(int64) simprinter.Fault { return simprinter.Fault{HTTP: 503, After: true} }},
	{"busy after it was printed", func(int64) simprinter.Fault { return simprinter.Fault{Status: statusBusy, After: true} }},
}

// way is how a document goes to a printer, by what that printer offers.
type way string

const (
	byCreateJob way = "Create-Job" // and Send-Document
	byPrintJob  way = "Print-Job"
)

var ways = []way{byCreateJob, byPrintJob}

// startTroubled starts a printer in a folder that is to be used in this way and
// has this trouble with the first document that comes, of that size.
func startTroubled(dir string, w way, t trouble, size int64) (*simprinter.Printer, error) {
	c := simprinter.Config{Dir: dir, NoTLS: true}
	if w == byPrintJob {
		c.Operations = append(c.Operations, opPrintJob, opValidateJob, opCancelJob, opGetJobAttributes, opGetJobs, opGetPrinterAttributes)
	}
	p, err := simprinter.Start(c)
	if err != nil {
		return nil, err
	}
	f := t.fault(size)
	f.Times = 1
	p.SetFault(opPrintJob, f)
	p.SetFault(opSendDocument, f)
	return p, nil
}
