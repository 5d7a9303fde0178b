package simprinter

import (
	"slices"

	"github.com/OpenPrinting/goipp"
)

// Job states (RFC 8011 §5.3.7).
const (
	statePending    = 3
	stateProcessing = 5
	stateStopped    = 6
	stateCanceled   = 7
	stateAborted    = 8
	stateCompleted  = 9
)

// maxJobs bounds how many jobs are remembered; the oldest that have ended are
// forgotten first.
const maxJobs = 1000

// Job is what the printer knows of a job.
type Job struct {
	ID         int
	Name, User string
	Format     string
	Attributes goipp.Attributes // the job template attributes it came with
	File       string           // path of what was printed; empty if nothing was
	Size       int64            // document bytes that came
	Whole      bool             // the document came to its end
	State      int              // job-state
	TLS        bool             // the document came over IPPS
	UUID       string           // job-uuid without urn:uuid:
	Files      []string         // of a job with several documents, all in their order
	Copies     int              // as asked for by IPP; 1 if it says nothing
	PJLCopies  int              // as asked for by PJL within the document; 0 if there is none
	Compressed bool             // it came compressed by gzip; Size counts what came out
}

type printerJob struct {
	Job
	reasons     []string
	message     string
	impressions *int
	pages       int
	number      int  // of its file
	document    bool // one has begun to come
	stopped     bool // it waits for Resume
	fate        Fate
	forgotten   bool
}

func (j *printerJob) ended() bool { return j.State >= stateCanceled }

// Jobs returns all jobs there have been, including those that ended and those
// that the printer claims to have forgotten.
func (p *Printer) Jobs() []Job {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Job, len(p.jobs))
	for i, j := range p.jobs {
		out[i] = j.Job
		out[i].Attributes = j.Attributes.DeepCopy()
		out[i].Files = slices.Clone(j.Files)
	}
	return out
}

// newJob makes a job, or returns nil and the status that says why not.
func (p *Printer) newJob(j Job) (*printerJob, goipp.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.condition.Refuses:
		return nil, goipp.StatusErrorNotAcceptingJobs
	case p.config.SingleJob && slices.ContainsFunc(p.jobs, func(j *printerJob) bool { return !j.ended() }):
		return nil, goipp.StatusErrorBusy
	}
	p.lastID++
	p.lastNumber++
	j.ID, j.State = p.lastID, statePending
	made := &printerJob{Job: j, number: p.lastNumber, reasons: []string{"job-data-insufficient"}}
	if len(p.jobs) >= maxJobs {
		if i := slices.IndexFunc(p.jobs, (*printerJob).ended); i >= 0 {
			p.jobs = slices.Delete(p.jobs, i, i+1)
		}
	}
	p.jobs = append(p.jobs, made)
	return made, goipp.StatusOk
}

// findJob returns the job of that number, nil if there is none or the printer
// claims so.
func (p *Printer) findJob(id int) *printerJob {
	for _, j := range p.jobs {
		if j.ID == id && p.isKnown(j) {
			return j
		}
	}
	return nil
}

// isKnown returns false for jobs that the printer claims never to have had.
func (p *Printer) isKnown(j *printerJob) bool {
	return !j.forgotten && !(p.config.NoHistory && j.ended())
}

// busy reports whether a job prints.
func (p *Printer) busy() bool {
	return slices.ContainsFunc(p.jobs, func(j *printerJob) bool { return j.State == stateProcessing })
}
