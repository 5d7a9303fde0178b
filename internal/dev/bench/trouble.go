package main

import "github.com/printscout/printscout/delivery/simprinter"

// Operations of IPP (RFC 8011 §5.4.15), as numbers: only a few packages may import
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

// trouble is a fault that happens once, with a document of a given size.
type trouble struct {
	name  string
	fault func(size int64) simprinter.Fault
}

// troubles lists faults with which other senders print twice or lose a document.
var troubles = []trouble{
	{"reset after the last byte", func(int64) simprinter.Fault { return simprinter.Fault{ResetAtEnd: true} }},
	{"reset in mid-document", func(size int64) simprinter.Fault { return simprinter.Fault{CutAfter: size / 2} }},
	{"503 after it was printed", func(int64) simprinter.Fault { return simprinter.Fault{HTTP: 503, After: true} }},
	{"busy after it was printed", func(int64) simprinter.Fault { return simprinter.Fault{Status: statusBusy, After: true} }},
}

// way is by which operations a document is sent; the printer offers only those.
type way string

const (
	byCreateJob way = "Create-Job" // and Send-Document
	byPrintJob  way = "Print-Job"
)

var ways = []way{byCreateJob, byPrintJob}

// startTroubled starts a printer that offers one way and has one trouble with the
// first document, which has that size.
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
