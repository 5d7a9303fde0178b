package spooler

import (
	"github.com/OpenPrinting/goipp"
)

// opGetUserPrinterAttributes is PWG 5100.13 §3.2, by its number in the IANA
// registry.
const opGetUserPrinterAttributes goipp.Op = 0x0066

// operation describes how one operation is handled.
type operation struct {
	job      bool // its target is a job: job-uri, or printer-uri and job-id
	document bool // a document may follow the message
	open     bool // allowed for clients that are not known
	run      func(*ippExchange) (*reply, error)
	// needs reports whether a printer can offer it; nil where every printer can.
	needs func(*Printer) bool
}

// operations lists all operations; which of them a printer offers depends on its
// Intake. Print-URI and Send-URI are missing on purpose: they make a printer
// read files and fetch addresses for anyone who can reach it.
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
