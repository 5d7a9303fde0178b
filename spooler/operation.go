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
	run      func(*ippExchange) (*reply, error)
	// needs reports whether a printer can offer it; nil where all can.
	needs func(*Printer) bool
}

// operations are those there are; which of them a printer has depends on what
// its Intake can do. Print-URI and Send-URI are not among them
// and never will be: they make a printer read files and fetch addresses for
// anyone who can reach it.
var operations = map[goipp.Op]operation{
	goipp.OpPrintJob:                   {document: true, run: (*ippExchange).printJob},
	goipp.OpValidateJob:                {run: (*ippExchange).validateJob},
	goipp.OpCreateJob:                  {run: (*ippExchange).createJob},
	goipp.OpSendDocument:               {job: true, document: true, run: (*ippExchange).sendDocument},
	goipp.OpCancelJob:                  {job: true, run: (*ippExchange).cancelJob},
	goipp.OpGetJobAttributes:           {job: true, run: (*ippExchange).getJobAttributes},
	goipp.OpGetJobs:                    {run: (*ippExchange).getJobs},
	goipp.OpGetPrinterAttributes:       {open: true, run: (*ippExchange).getPrinterAttributes},
	goipp.OpCancelMyJobs:               {run: (*ippExchange).cancelMyJobs},
	goipp.OpCloseJob:                   {job: true, run: (*ippExchange).closeJob},
	goipp.OpHoldJob:                    {job: true, run: (*ippExchange).holdJob, needs: (*Printer).supportsHold},
	goipp.OpReleaseJob:                 {job: true, run: (*ippExchange).releaseJob, needs: (*Printer).supportsHold},
	goipp.OpRestartJob:                 {job: true, run: (*ippExchange).restartJob, needs: (*Printer).supportsHold},
	goipp.OpPausePrinter:               {run: (*ippExchange).pausePrinter, needs: (*Printer).supportsPause},
	goipp.OpResumePrinter:              {run: (*ippExchange).resumePrinter, needs: (*Printer).supportsPause},
	goipp.OpSetJobAttributes:           {job: true, run: (*ippExchange).setJobAttributes},
	goipp.OpValidateDocument:           {run: (*ippExchange).validateDocument},
	goipp.OpGetDocuments:               {job: true, run: (*ippExchange).getDocuments},
	goipp.OpGetDocumentAttributes:      {job: true, run: (*ippExchange).getDocumentAttributes},
	goipp.OpCancelDocument:             {job: true, run: (*ippExchange).cancelDocument},
	goipp.OpCreatePrinterSubscriptions: {run: (*ippExchange).createPrinterSubscriptions},
	goipp.OpCreateJobSubscriptions:     {run: (*ippExchange).createJobSubscriptions},
	goipp.OpGetSubscriptionAttributes:  {run: (*ippExchange).getSubscriptionAttributes},
	goipp.OpGetSubscriptions:           {run: (*ippExchange).getSubscriptions},
	goipp.OpRenewSubscription:          {run: (*ippExchange).renewSubscription},
	goipp.OpCancelSubscription:         {run: (*ippExchange).cancelSubscription},
	goipp.OpGetNotifications:           {run: (*ippExchange).getNotifications},
	opGetUserPrinterAttributes:         {open: true, run: (*ippExchange).getPrinterAttributes},
	goipp.OpIdentifyPrinter:            {run: (*ippExchange).identifyPrinter, needs: (*Printer).supportsIdentify},
}
