package simprinter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

func jobOf(m *goipp.Message) Job {
	return Job{
		Name:       ipp.Clean(ipp.String(m.Operation, "job-name"), 255),
		User:       ipp.Clean(ipp.String(m.Operation, "requesting-user-name"), 255),
		Format:     ipp.String(m.Operation, "document-format"),
		Attributes: m.Job.DeepCopy(),
		UUID:       newUUID(),
		Copies:     copiesAsked(m),
	}
}

func copiesAsked(m *goipp.Message) int {
	if n, ok := ipp.Int(m.Job, "copies"); ok {
		return n
	}
	return 1
}

func (p *Printer) createJob(x *httpExchange) *goipp.Message {
	j, status := p.newJob(jobOf(x.message))
	if j == nil {
		return ipp.NewResponse(x.message, status)
	}
	return p.jobAnswer(x.message, j)
}

func (p *Printer) printJob(x *httpExchange) *goipp.Message {
	j, status := p.newJob(jobOf(x.message))
	if j == nil {
		return ipp.NewResponse(x.message, status)
	}
	p.beginDocument(j)
	return p.receiveDocument(x, j)
}

// beginDocument claims the place of a job's next document.
func (p *Printer) beginDocument(j *printerJob) goipp.Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case j.document:
		return goipp.StatusErrorMultipleJobsNotSupported
	case j.ended():
		return goipp.StatusErrorNotPossible
	}
	j.document, j.reasons = true, []string{"job-incoming"}
	return goipp.StatusOk
}

func (p *Printer) sendDocument(x *httpExchange) *goipp.Message {
	j := p.jobNamed(x.message)
	if j == nil {
		return ipp.NewResponse(x.message, goipp.StatusErrorNotFound)
	}
	if s := p.beginDocument(j); s != goipp.StatusOk {
		return ipp.NewResponse(x.message, s)
	}
	p.mu.Lock()
	j.Format = ipp.String(x.message.Operation, "document-format")
	p.mu.Unlock()
	return p.receiveDocument(x, j)
}

// receiveDocument receives a document. It returns nil, for no answer, if the
// document broke off.
func (p *Printer) receiveDocument(x *httpExchange, j *printerJob) *goipp.Message {
	p.mu.Lock()
	j.TLS = x.request.TLS != nil
	p.mu.Unlock()
	end, err := p.storeDocument(j, x)
	switch {
	case err != nil:
		p.log.Warn("a document was lost", "error", err)
		return ipp.NewResponse(x.message, goipp.StatusErrorInternal)
	case end == noAnswer:
		return nil
	case end != goipp.StatusOk:
		return ipp.NewResponse(x.message, end)
	}
	return p.jobAnswer(x.message, j)
}

func (p *Printer) jobNamed(m *goipp.Message) *printerJob {
	id, _ := ipp.Int(m.Operation, "job-id")
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.findJob(id)
}

func (p *Printer) cancelJob(m *goipp.Message) *goipp.Message {
	j := p.jobNamed(m)
	if j == nil {
		return ipp.NewResponse(m, goipp.StatusErrorNotFound)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.ended() || j.fate.NoCancel {
		return ipp.NewResponse(m, goipp.StatusErrorNotPossible)
	}
	p.endJob(j, stateCanceled)
	return ipp.NewResponse(m, goipp.StatusOk)
}

func (p *Printer) getJob(m *goipp.Message) *goipp.Message {
	j := p.jobNamed(m)
	if j == nil {
		return ipp.NewResponse(m, goipp.StatusErrorNotFound)
	}
	a := p.jobAnswer(m, j)
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.fate.Stranger && !j.ended() {
		p.giveAway(j)
	}
	return a
}

// giveAway restarts the printer so that another person's job, which prints,
// has the number of one that was lost.
func (p *Printer) giveAway(j *printerJob) {
	p.loseJobs()
	p.lastID, p.lastNumber = j.ID, p.lastNumber+1
	other := &printerJob{Job: Job{ID: j.ID, Name: "Holiday plan", User: "alice", UUID: newUUID(), State: stateProcessing}, number: p.lastNumber, document: true}
	other.reasons, other.impressions = []string{"job-printing"}, new(int)
	p.jobs = append(p.jobs, other)
}

// nameAttributes returns what a job is called.
func (p *Printer) nameAttributes(j *printerJob) goipp.Attributes {
	name := j.Name
	switch p.config.JobNames {
	case "":
		return goipp.Attributes{ipp.Name("job-name", name), ipp.URI("job-uuid", "urn:uuid:"+j.UUID)}
	case "none":
		return nil
	case "fixed":
		name = "Print Job"
	case "upper":
		name = strings.ToUpper(name)
	case "cut":
		name = ipp.Clean(name, 40)
	}
	return goipp.Attributes{ipp.Name("job-name", name)}
}

func (p *Printer) getJobs(m *goipp.Message) *goipp.Message {
	a := ipp.NewResponse(m, goipp.StatusOk)
	ended := ipp.String(m.Operation, "which-jobs") == "completed"
	limit, limited := ipp.Int(m.Operation, "limit")
	groups := a.AttrGroups()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, j := range slices.Backward(p.jobs) {
		if limited && len(groups) > limit {
			break
		}
		if j.ended() == ended && p.isKnown(j) {
			groups.Add(goipp.Group{Tag: goipp.TagJobGroup, Attrs: requestedOnly(m, p.jobAttributes(j))})
		}
	}
	return goipp.NewMessageWithGroups(a.Version, a.Code, a.RequestID, groups)
}

func (p *Printer) jobAnswer(m *goipp.Message, j *printerJob) *goipp.Message {
	a := ipp.NewResponse(m, goipp.StatusOk)
	p.mu.Lock()
	defer p.mu.Unlock()
	a.Job = requestedOnly(m, p.jobAttributes(j))
	return a
}

// jobAttributes returns the attributes of a job.
func (p *Printer) jobAttributes(j *printerJob) goipp.Attributes {
	out := goipp.Attributes{
		ipp.Integer("job-id", j.ID),
		ipp.URI("job-uri", fmt.Sprintf("%s/%d", p.AnyURI(), j.ID)),
		ipp.URI("job-printer-uri", p.AnyURI()),
		ipp.Name("job-originating-user-name", j.User),
		ipp.Integer("job-printer-up-time", p.upTime()),
		ipp.Enum("job-state", j.State),
		ipp.Keyword("job-state-reasons", j.reasons...),
	}
	out = append(out, p.nameAttributes(j)...)
	if !p.config.NoOctets {
		out.Add(ipp.Integer("job-k-octets", int((j.Size+1023)/1024)))
	}
	if j.pages > 0 {
		out.Add(ipp.Integer("job-impressions", j.pages))
	}
	if message := p.withEcho(j.message); message != "" {
		out.Add(ipp.Text("job-state-message", message))
	}
	out = append(out, p.echoAttributes()...)
	if j.impressions != nil && !j.fate.NoCount {
		out.Add(ipp.Integer("job-impressions-completed", *j.impressions))
	}
	return append(out, j.Attributes.DeepCopy()...)
}

// requestedOnly returns the attributes that a request asks for. Every group
// keyword (RFC 8011 §4.2.5.1) stands for all.
func requestedOnly(m *goipp.Message, attrs goipp.Attributes) goipp.Attributes {
	names := ipp.Strings(m.Operation, "requested-attributes")
	if len(names) == 0 || slices.ContainsFunc(names, isGroup) {
		return attrs
	}
	return slices.DeleteFunc(attrs, func(a goipp.Attribute) bool { return !slices.Contains(names, a.Name) })
}

func isGroup(name string) bool {
	switch name {
	case "all", "printer-description", "job-description", "job-template":
		return true
	}
	return false
}
