package delivery

// Step names a point of a delivery that cannot be undone.
type Step string

// The steps, in the order of Create-Job and Send-Document. With Print-Job
// there is no created; its job's number is known with taken. By RAW there are
// only sending and sent.
const (
	StepCreating Step = "creating" // before a job is made; Token is known
	StepCreated  Step = "created"  // the printer has named the job; JobID is known
	StepSending  Step = "sending"  // before the first document byte
	StepSent     Step = "sent"     // the last document byte was handed to the network
	StepTaken    Step = "taken"    // the printer has answered that it took the document
)

// Point is one entry of the journal of a delivery: enough to ask the printer
// later what became of the job.
type Point struct {
	Step  Step   `json:"step"`
	Token string `json:"token"`            // in the job's name at the printer, "ps-" and 8 hex digits; one per call of Deliver
	URI   string `json:"uri"`              // the printer's address that is used
	JobID int    `json:"job_id,omitempty"` // the printer's job-id; 0 if not known
	// JobUUID is the printer's job-uuid (PWG 5100.13 §6.5), or empty: a number
	// is given again by a printer that has lost its jobs.
	JobUUID string `json:"job_uuid,omitempty"`
	// UpTime is the printer-up-time in seconds before the document (RFC 8011
	// §5.4.29), 0 if not known: a smaller one later means a restart.
	UpTime int `json:"up_time,omitempty"`
	// LifeCount is what the printer's page counter said before the document
	// (prtMarkerLifeCount, RFC 3805), nil if not known.
	LifeCount *int64 `json:"life_count,omitempty"`
}

// Hooks are what a delivery calls back. Each may be nil.
type Hooks struct {
	// Journal records a point so that it outlasts a crash, and returns once it
	// does. An error before the first document byte ends the delivery as not
	// sent.
	Journal func(Point) error
	// Tell is told what the delivery waits for, in a word of package outcome and
	// in a sentence for a person, and "" once it goes on. It is called from any
	// goroutine.
	Tell func(reason, sentence string)
}

func (h Hooks) withDefaults() Hooks {
	if h.Journal == nil {
		h.Journal = func(Point) error { return nil }
	}
	if h.Tell == nil {
		h.Tell = func(string, string) {}
	}
	return h
}
