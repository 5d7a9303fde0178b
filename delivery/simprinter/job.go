package simprinter

import (
	"slices"
	"time"

	"github.com/OpenPrinting/goipp"
)

// Job states (RFC 8011 §5.3.7).
const (
	statePending    = 3
	stateProcessing = 5
	stateCanceled   = 7
	stateAborted    = 8
	stateCompleted  = 9
)

// maxJobs are remembered; the oldest that have ended are forgotten first.
const maxJobs = 1000

// Job is what the printer knows of a job.
type Job struct {
	ID         int
	Name, User string
	Format     string
	Attributes goipp.Attributes // the job template attributes it came with
	File       string           // path of what was printed; empty where nothing was
	Size       int64            // document bytes that came
	Whole      bool             // the document came to its end
	State      int              // job-state
	TLS        bool             // the document came over IPPS
}

type job struct {
	Job
	reasons     []string
	message     string
	impressions *int
	pages       int
	document    bool // one has begun to come
	fate        Fate
	timer       *time.Timer
	forgotten   bool
}

func (j *job) ended() bool { return j.State >= stateCanceled }

// Jobs are all jobs there have been, those that ended and those that the
// printer claims to have forgotten included.
func (p *Printer) Jobs() []Job {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Job, len(p.jobs))
	for i, j := range p.jobs {
		out[i] = j.Job
		out[i].Attributes = j.Attributes.DeepCopy()
	}
	return out
}

// newJob makes a job, or none where the printer is busy.
func (p *Printer) newJob(j Job) *job {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.config.SingleJob && slices.ContainsFunc(p.jobs, func(j *job) bool { return !j.ended() }) {
		return nil
	}
	p.lastID++
	j.ID, j.State = p.lastID, statePending
	made := &job{Job: j, reasons: []string{"job-data-insufficient"}}
	if len(p.jobs) >= maxJobs {
		if i := slices.IndexFunc(p.jobs, (*job).ended); i >= 0 {
			p.jobs = slices.Delete(p.jobs, i, i+1)
		}
	}
	p.jobs = append(p.jobs, made)
	return made
}

// find is the job of that number, nil where there is none or the printer
// claims so.
func (p *Printer) find(id int) *job {
	for _, j := range p.jobs {
		if j.ID == id && !j.forgotten {
			return j
		}
	}
	return nil
}

// busy says whether a job prints.
func (p *Printer) busy() bool {
	return slices.ContainsFunc(p.jobs, func(j *job) bool { return j.State == stateProcessing })
}

func (p *Printer) stopJobs() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, j := range p.jobs {
		if j.timer != nil {
			j.timer.Stop()
		}
	}
}
