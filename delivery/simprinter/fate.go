package simprinter

// Fate is what becomes of jobs whose document has come.
type Fate struct {
	State       int      `json:"state"`       // job-state to end in; 0 is completed (9)
	Reasons     []string `json:"reasons"`     // job-state-reasons at the end
	Message     string   `json:"message"`     // job-state-message at the end
	Impressions *int     `json:"impressions"` // job-impressions-completed at the end; nil counts pages of PDFs
	NoCount     bool     `json:"no_count"`    // no job-impressions-completed at all
	Never       bool     `json:"never"`       // stays processing
	Forget      bool     `json:"forget"`      // the printer knows nothing of the job once its document has come
	NoCancel    bool     `json:"no_cancel"`   // Cancel-Job is refused
	Stop        *Stop    `json:"stop"`        // what the job waits for before it ends
	Reboot      bool     `json:"reboot"`      // the printer reboots when the document has come, and answers nothing
	// Meanwhile is what is said of the job while it prints; nil says that it
	// prints.
	Meanwhile *Progress `json:"meanwhile"`
	// Stranger reboots the printer when it has been asked for the job, and then
	// gives the job's number to another person's job.
	Stranger bool `json:"stranger"`
}

// Progress is how far a printer says that a job is.
type Progress struct {
	Reasons     []string `json:"reasons"`     // job-state-reasons
	Impressions int      `json:"impressions"` // job-impressions-completed
}

// Stop is a job that waits for a person at the printer, who calls
// Printer.Resume: held, jammed, out of paper.
type Stop struct {
	State       int       `json:"state"`       // job-state meanwhile; 0 is processing-stopped (6)
	Reasons     []string  `json:"reasons"`     // job-state-reasons meanwhile
	Impressions int       `json:"impressions"` // job-impressions-completed meanwhile
	Printer     Condition `json:"printer"`     // what the printer says of itself meanwhile
}

// SetFate decides what becomes of documents that come from now on.
func (p *Printer) SetFate(f Fate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fate = f
}

// SetCondition sets what the printer says of itself from now on.
func (p *Printer) SetCondition(c Condition) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.condition = c
}

// Resume is a person at the printer who clears the jam, adds the paper, and
// releases held jobs and the RAW listener: everything that waits goes on, and
// the printer reports no problem.
func (p *Printer) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.condition = Condition{}
	p.rawFaults.Busy = false
	close(p.resumed)
	p.resumed = make(chan struct{})
	for _, j := range p.jobs {
		if j.stopped {
			j.stopped = false
			p.processJob(j)
		}
	}
}

// CancelAtPanel cancels a job as a person at the printer would, and reports
// whether there was one to cancel.
func (p *Printer) CancelAtPanel(id int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	j := p.findJob(id)
	if j == nil || j.ended() {
		return false
	}
	p.cancelAtPanel(j)
	return true
}

func (p *Printer) cancelAtPanel(j *printerJob) {
	p.endJob(j, stateCanceled)
	j.reasons = []string{"job-canceled-at-device"}
}

// startJob begins what becomes of a job whose document has come.
func (p *Printer) startJob(j *printerJob) {
	j.fate = p.fate
	j.forgotten = j.fate.Forget
	if j.fate.Stop == nil {
		p.processJob(j)
		return
	}
	s := *j.fate.Stop
	j.stopped, j.State, j.reasons = true, s.State, s.Reasons
	if j.State == 0 {
		j.State = stateStopped
	}
	if j.reasons == nil {
		j.reasons = []string{"printer-stopped"}
	}
	j.impressions = &s.Impressions
	if s.Printer.State != 0 || s.Printer.Reasons != nil {
		p.condition = s.Printer
	}
}

// processJob prints a job.
func (p *Printer) processJob(j *printerJob) {
	j.State, j.reasons, j.impressions = stateProcessing, []string{"job-printing"}, nil
	if m := j.fate.Meanwhile; m != nil {
		j.reasons, j.impressions = m.Reasons, &m.Impressions
	}
	switch {
	case j.fate.Never:
	case p.config.Delay == 0:
		p.finishJob(j)
	default:
		p.scheduleLocked(p.config.Delay, func() { p.finishJob(j) })
	}
}

// finishJob ends a job as its fate says.
func (p *Printer) finishJob(j *printerJob) {
	if j.ended() {
		return
	}
	state := j.fate.State
	if state == 0 {
		state = stateCompleted
	}
	if state == stateCompleted && j.fate.Impressions == nil && j.pages > 0 {
		j.impressions = &j.pages
	}
	p.endJob(j, state)
}
