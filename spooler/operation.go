package spooler

import (
	"github.com/OpenPrinting/goipp"
)

// operation is how one operation is worked on.
type operation struct {
	job      bool // it is on a job: job-uri, or printer-uri and job-id
	document bool // a document may follow its message
	run      func(*exchange) (*reply, error)
}

// operations are those there are. Print-URI and Send-URI are not among them
// and never will be: they make a printer read files and fetch addresses for
// anyone who can reach it.
var operations = map[goipp.Op]operation{
	goipp.OpPrintJob:             {document: true, run: (*exchange).printJob},
	goipp.OpValidateJob:          {run: (*exchange).validateJob},
	goipp.OpCreateJob:            {run: (*exchange).createJob},
	goipp.OpSendDocument:         {job: true, document: true, run: (*exchange).sendDocument},
	goipp.OpCancelJob:            {job: true, run: (*exchange).cancelJob},
	goipp.OpGetJobAttributes:     {job: true, run: (*exchange).getJobAttributes},
	goipp.OpGetJobs:              {run: (*exchange).getJobs},
	goipp.OpGetPrinterAttributes: {run: (*exchange).getPrinterAttributes},
	goipp.OpCancelMyJobs:         {run: (*exchange).cancelMyJobs},
	goipp.OpCloseJob:             {job: true, run: (*exchange).closeJob},
}
