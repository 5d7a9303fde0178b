package spooler

import (
	"cmp"
	"slices"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// whichJobs maps the values of which-jobs to their meaning (RFC 8011 §4.2.6.1,
// PWG 5100.11).
var whichJobs = map[string]func(*job) bool{
	"all":           func(*job) bool { return true },
	"not-completed": (*job).isOpen,
	"completed":     func(j *job) bool { return !j.isOpen() },
	"aborted":       func(j *job) bool { return j.state == ipp.JobAborted },
	"canceled":      func(j *job) bool { return j.state == ipp.JobCanceled },
}

// getJobAttributes is RFC 8011 §4.3.4.
func (x *ippExchange) getJobAttributes() (*reply, error) {
	j, err := x.p.jobs.jobByID(x.jobID)
	if err != nil {
		return nil, err
	}
	return &reply{groups: []goipp.Group{x.jobGroup(j, readRequestedAttributes(x.msg, "all"))}}, nil
}

// maxListed bounds the jobs in one response; a client that wants more continues
// with first-job-id. It bounds the memory of responses that no client reads.
const maxListed = 500

// getJobs is RFC 8011 §4.2.6: jobs that have not ended in the order of their
// arrival, ended jobs newest first.
func (x *ippExchange) getJobs() (*reply, error) {
	op := x.msg.Operation
	which := ipp.String(op, "which-jobs")
	if which == "" {
		which = "not-completed"
	}
	state, ok := whichJobs[which]
	if !ok {
		r := refuse(goipp.StatusErrorAttributesOrValues, "The value of which-jobs is not supported.")
		a, _ := ipp.Find(op, "which-jobs")
		r.unsupported.Add(echoAttribute(a))
		return nil, r
	}
	_, some := ipp.Find(op, "job-ids")
	my, _ := ipp.Bool(op, "my-jobs")
	first, _ := ipp.Int(op, "first-job-id")
	done, ok := x.p.allowByLimiter(x.r, x.p.listings)
	if !ok {
		return nil, refuse(goipp.StatusErrorBusy, "Too many lists of jobs are being sent to you.")
	}
	x.answered = done
	list := x.p.jobs.listJobs(func(j *job) bool {
		if some {
			return ipp.HasInt(op, "job-ids", j.id)
		}
		return j.request.res == x.res && state(j) && j.id >= first && (!my || j.request.user == x.user)
	})
	if which != "not-completed" && !some && first == 0 {
		slices.Reverse(list)
	}
	most := maxListed
	if limit, ok := ipp.Int(op, "limit"); ok && limit > 0 {
		most = min(most, limit)
	}
	list = list[:min(most, len(list))]
	rep, w := &reply{}, readRequestedAttributes(x.msg, "job-id", "job-uri")
	for _, j := range list {
		rep.groups = append(rep.groups, x.jobGroup(j, w))
	}
	return rep, nil
}

// jobGroup returns the attribute group of one job.
func (x *ippExchange) jobGroup(j *job, w requestedAttributes) goipp.Group {
	described, asked := x.jobAttributes(j)
	if !x.mayRead(j) {
		described, asked = onlyPublic(described), nil
	}
	attrs := slices.Concat(w.selectFrom(groupJob, described), w.selectFrom(groupTemplate, asked))
	return goipp.Group{Tag: goipp.TagJobGroup, Attrs: attrs}
}

// jobAttributes returns the attributes of RFC 8011 §5.3 that are known, and the
// requested ones. job-more-info is absent since there is no page about a job.
func (x *ippExchange) jobAttributes(j *job) (described, asked goipp.Attributes) {
	js := x.p.jobs
	js.mu.Lock()
	defer js.mu.Unlock()
	attrs := slices.Concat(x.jobStatus(j), goipp.Attributes{
		ipp.URI("job-uuid", j.uuid),
		ipp.URI("job-printer-uri", x.printerURI(j.request.res)),
		ipp.Name("job-name", j.request.title),
		ipp.Name("job-originating-user-name", j.request.user),
		ipp.Integer("number-of-documents", len(j.documents)),
		ipp.Integer("job-k-octets", kiloOctets(j.totalOctets())),
		ipp.Integer("job-k-octets-processed", kiloOctets(j.totalOctets())),
		ipp.Integer("job-printer-up-time", x.p.upTime(x.p.cfg.Now())),
	}, x.timeAttributes(j.created, j.started, j.ended))
	if len(j.documents) > 0 {
		first := j.documents[0]
		attrs.Add(ipp.MIME("document-format-supplied", cmp.Or(first.format, formatOctet)))
		attrs.Add(ipp.Keyword("compression-supplied", cmp.Or(first.compression, "none")))
	}
	if n := j.totalPages(); n != nil {
		attrs.Add(ipp.Integer("job-impressions", *n))
		attrs.Add(ipp.Integer("job-impressions-completed", *n))
	}
	return attrs, j.request.attrs
}

// jobStatus returns the attributes that every response about a job begins with.
// The lock is held.
func (x *ippExchange) jobStatus(j *job) goipp.Attributes {
	return goipp.Attributes{
		ipp.URI("job-uri", x.jobURI(j.id)),
		ipp.Integer("job-id", j.id),
		ipp.Enum("job-state", j.state),
		ipp.Keyword("job-state-reasons", j.reasons...),
		ipp.Text("job-state-message", ipp.Clean(j.message, textSize)),
		ipp.Integer("number-of-intervening-jobs", 0),
	}
}

// timeAttributes returns the times of a job or a document, no-value for what
// has not happened (RFC 8011 §5.3.14).
func (x *ippExchange) timeAttributes(created, started, ended time.Time) goipp.Attributes {
	var attrs goipp.Attributes
	for _, at := range []struct {
		what string
		time.Time
	}{{"creation", created}, {"processing", started}, {"completed", ended}} {
		if at.IsZero() {
			attrs.Add(ipp.NoValue("time-at-" + at.what))
			attrs.Add(ipp.NoValue("date-time-at-" + at.what))
			continue
		}
		attrs.Add(ipp.Integer("time-at-"+at.what, x.p.upTime(at.Time)))
		attrs.Add(dateTime("date-time-at-"+at.what, at.Time))
	}
	return attrs
}

// kiloOctets converts bytes to units of 1024, rounded up (RFC 8011 §5.3.17.1).
func kiloOctets(bytes int64) int { return int(min((bytes+1023)/1024, 1<<31-1)) }
