package ipp

// Values of job-state: RFC 8011 §5.3.7.
const (
	JobPending    = 3
	JobHeld       = 4 // pending-held
	JobProcessing = 5
	JobStopped    = 6 // processing-stopped
	JobCanceled   = 7
	JobAborted    = 8
	JobCompleted  = 9
)

// JobStateNames maps the values of job-state to their keywords.
var JobStateNames = map[int]string{
	JobPending: "pending", JobHeld: "pending-held", JobProcessing: "processing", JobStopped: "processing-stopped",
	JobCanceled: "canceled", JobAborted: "aborted", JobCompleted: "completed",
}

// Values of printer-state: RFC 8011 §5.4.11.
const (
	PrinterIdle       = 3
	PrinterProcessing = 4
	PrinterStopped    = 5
)
