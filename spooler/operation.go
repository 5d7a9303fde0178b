package spooler

import (
	"github.com/OpenPrinting/goipp"
)

// opGetUserPrinterAttributes is PWG 5100.13 §3.2, by the number that IANA has
// registered for it.
const opGetUserPrinterAttributes goipp.Op = 0x0066

// operation is how one operation is worked on.
type operation struct {
	job      bool // it is on a job: job-uri, or printer-uri and job-id
	document bool // a document may follow its message
	open     bool // it may be asked by who is not known
	run      func(*exchange) (*reply, error)
	// needs reports whether a printer can offer it; nil where all can.
	needs func(*Printer) bool
}

// operations are those there are; which of them a printer has depends on what
// its Intake can do. Print-URI and Send-URI are not among them
// and never will be: they make a printer read files and fetch addresses for
// anyone who can reach it.
var operations = map[goipp.Op]operation{
	goipp.OpPrintJob:                   {document: true, run: (*exchange).printJob},
	goipp.OpValidateJob:                {run: (*exchange).validateJob},
	goipp.OpCreateJob:                  {run: (*exchange).createJob},
	goipp.OpSendDocument:               {job: true, document: true, run: (*exchange).sendDocument},
	goipp.OpCancelJob:                  {job: true, run: (*exchange).cancelJob},
	goipp.OpGetJobAttributes:           {job: true, run: (*exchange).getJobAttributes},
	goipp.OpGetJobs:                    {run: (*exchange).getJobs},
	goipp.OpGetPrinterAttributes:       {open: true, run: (*exchange).getPrinterAttributes},
	goipp.OpCancelMyJobs:               {run: (*exchange).cancelMyJobs},
	goipp.OpCloseJob:                   {job: true, run: (*exchange).closeJob},
	goipp.OpHoldJob:                    {job: true, run: (*exchange).holdJob, needs: (*Printer).holds},
	goipp.OpReleaseJob:                 {job: true, run: (*exchange).releaseJob, needs: (*Printer).holds},
	goipp.OpRestartJob:                 {job: true, run: (*exchange).restartJob, needs: (*Printer).holds},
	goipp.OpPausePrinter:               {run: (*exchange).pausePrinter, needs: (*Printer).pauses},
	goipp.OpResumePrinter:              {run: (*exchange).resumePrinter, needs: (*Printer).pauses},
	goipp.OpSetJobAttributes:           {job: true, run: (*exchange).setJobAttributes},
	goipp.OpValidateDocument:           {run: (*exchange).validateDocument},
	goipp.OpGetDocuments:               {job: true, run: (*exchange).getDocuments},
	goipp.OpGetDocumentAttributes:      {job: true, run: (*exchange).getDocumentAttributes},
	goipp.OpCancelDocument:             {job: true, run: (*exchange).cancelDocument},
	goipp.OpCreatePrinterSubscriptions: {run: (*exchange).createPrinterSubscriptions},
	goipp.OpCreateJobSubscriptions:     {run: (*exchange).createJobSubscriptions},
	goipp.OpGetSubscriptionAttributes:  {run: (*exchange).getSubscriptionAttributes},
	goipp.OpGetSubscriptions:           {run: (*exchange).getSubscriptions},
	goipp.OpRenewSubscription:          {run: (*exchange).renewSubscription},
	goipp.OpCancelSubscription:         {run: (*exchange).cancelSubscription},
	goipp.OpGetNotifications:           {run: (*exchange).getNotifications},
	opGetUserPrinterAttributes:         {open: true, run: (*exchange).getPrinterAttributes},
	goipp.OpIdentifyPrinter:            {run: (*exchange).identifyPrinter, needs: (*Printer).identifies},
}
