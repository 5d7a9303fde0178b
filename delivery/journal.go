package delivery

// Step names a point of a delivery that cannot be taken back.
type Step string

// The steps, in the order of Create-Job and Send-Document. With Print-Job the
// order is Creating, Sending, Sent, Created.
const (
	StepCreating Step = "creating" // before a job is made; Token is known
	StepCreated  Step = "created"  // the printer has named the job; JobID is known
	StepSending  Step = "sending"  // before the first document byte
	StepSent     Step = "sent"     // the last document byte was handed to the network
)

// Point is one entry of the journal of a delivery: enough to ask the printer
// later what became of the job.
type Point struct {
	Step  Step
	Token string // in the job's name at the printer, "ps-" and 8 hex digits; one per call of Deliver
	URI   string // the printer's address that is used
	JobID int    // the printer's job-id; 0 where not known
}

// Journal records a point so that it outlasts a crash, and returns once it
// does. An error before the first document byte ends the delivery as not sent.
type Journal func(Point) error
