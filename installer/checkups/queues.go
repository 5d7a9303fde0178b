package checkups

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/ipp"
)

// wizardQueue is what the wizard of the local page calls its queue. CUPS ignores
// the case of a queue's name.
const wizardQueue = "printscout"

// policyAuthenticated is the policy of CUPS with which nobody prints in another's
// name (docs/identity.md).
const policyAuthenticated = "authenticated"

// errorPolicy is the one that install sets: a job that fails does not stop the
// queue. A connection that breaks in mid-document does all the same; see
// lookAtInterruption.
const errorPolicy = "retry-job"

// sorted are the queues of CUPS as they concern us.
type sorted struct {
	ours   *queue // of our name, and it leads to us
	other  *queue // of our name, but it leads elsewhere
	beside []queue
	rest   []queue
}

// isOurName reports whether a queue has the name that install or the wizard gives.
func (c *computer) isOurName(name string) bool {
	return strings.EqualFold(name, c.text("QueueName", wizardQueue)) || strings.EqualFold(name, wizardQueue)
}

func (c *computer) sortQueues(ctx context.Context) (sorted, error) {
	all, err := c.cupsQueues(ctx)
	if err != nil {
		return sorted{}, err
	}
	addresses := c.ourAddresses(ctx)
	var s sorted
	for _, q := range all {
		leadsToUs := slices.ContainsFunc(addresses, func(ours string) bool { return sameAddress(q.device, ours) })
		switch {
		case c.isOurName(q.name) && leadsToUs && s.ours == nil:
			s.ours = &q
		case c.isOurName(q.name) && !leadsToUs:
			s.other = &q
			s.rest = append(s.rest, q)
		case leadsToUs:
			s.beside = append(s.beside, q)
		default:
			s.rest = append(s.rest, q)
		}
	}
	return s, nil
}

// findOurs returns our queue, or what a checkup about it finds without one.
func (c *computer) findOurs(ctx context.Context) (queue, *checkup.Finding) {
	s, err := c.sortQueues(ctx)
	none := noQueue()
	switch {
	case err != nil:
		none = notFound(err)
		return queue{}, &none
	case s.ours == nil:
		return queue{}, &none
	}
	return *s.ours, nil
}

// noQueue is the Finding of a checkup about a queue of ours that is not there.
func noQueue() checkup.Finding {
	return checkup.Found(checkup.Info, "There is no queue of ours to look at.", "")
}

func notFound(err error) checkup.Finding {
	if errors.Is(err, errNoCUPS) {
		return checkup.Found(checkup.Info, "It was not looked at, since CUPS does not answer.", "")
	}
	return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), "see the checkup print-system")
}

func (c *computer) lookAtQueueOfCUPS(ctx context.Context) checkup.Finding {
	s, err := c.sortQueues(ctx)
	switch {
	case err != nil:
		return notFound(err)
	case s.ours == nil && s.other != nil:
		return checkup.Found(checkup.Fail, fmt.Sprintf("The queue %s leads to %s, not to the agent.", s.other.name, withoutUserinfo(s.other.device)),
			"remove that queue or choose another QueueName, then run: sudo printscout install")
	case s.ours == nil && len(s.beside) > 0:
		return checkup.Found(checkup.Pass, fmt.Sprintf("The queue %s leads to the agent. It is not one that printscout install has made.", s.beside[0].name), "")
	case s.ours == nil:
		return checkup.Found(checkup.Fail, "No print queue leads to the agent, so apps cannot print to it.", "sudo printscout install, or printscout setup")
	}
	described, err := c.hasDescription(ctx, *s.ours)
	if err != nil {
		return notFound(err)
	}
	if described {
		return checkup.Found(checkup.Pass, fmt.Sprintf("The queue %s leads to the agent.", s.ours.name), "")
	}
	return checkup.Finding{State: checkup.Fail,
		Summary: fmt.Sprintf("The queue %s is half made: CUPS has no description of the printer, and sends documents as they are.", s.ours.name),
		Fix:     "printscout doctor --fix, while the agent runs",
		Repairs: []checkup.Repair{c.lpadmin(*s.ours, "make the print queue "+s.ours.name+" anew from what the agent says", "-v", s.ours.device, "-m", "everywhere")},
	}
}

func (c *computer) lookAtQueueState(ctx context.Context) checkup.Finding {
	q, none := c.findOurs(ctx)
	if none != nil {
		return *none
	}
	var f checkup.Findings
	interrupted, err := c.wasInterrupted(ctx, q)
	if err != nil {
		return notFound(err)
	}
	if q.stopped && !interrupted {
		why := fmt.Sprintf("The queue %s is stopped: its jobs do not reach the agent.", q.name)
		if q.message != "" {
			why += " CUPS says: " + checkup.Sentence(q.message)
		}
		f.Add(checkup.Fail, why, "sudo cupsenable "+q.name, c.program(q, "start the print queue "+q.name+" again", "cupsenable", q.name))
	}
	if !q.accepting {
		f.Add(checkup.Fail, fmt.Sprintf("The queue %s refuses jobs.", q.name), "sudo cupsaccept "+q.name, c.program(q, "have the print queue "+q.name+" take jobs again", "cupsaccept", q.name))
	}
	return f.Finding(fmt.Sprintf("The queue %s takes jobs and passes them on.", q.name))
}

// lookAtInterruption finds our queue stopped by CUPS itself. CUPS stops a queue
// when the connection breaks in mid-document, whatever the queue's error policy,
// and keeps the job. systemd has this repaired (printscout-queue.service).
func (c *computer) lookAtInterruption(ctx context.Context) checkup.Finding {
	q, none := c.findOurs(ctx)
	if none != nil {
		return *none
	}
	interrupted, err := c.wasInterrupted(ctx, q)
	if err != nil {
		return notFound(err)
	}
	var f checkup.Findings
	if interrupted {
		f.Add(checkup.Fail, fmt.Sprintf("CUPS has stopped the queue %s, because the agent went away while it sent a document. CUPS says: %s", q.name, checkup.Sentence(q.message)),
			"sudo cupsenable "+q.name, c.program(q, "start the print queue "+q.name+" again", "cupsenable", q.name))
	}
	return f.Finding(fmt.Sprintf("The queue %s was not stopped by an interruption.", q.name))
}

// wasInterrupted reports whether CUPS stopped a queue because of one of its
// jobs: the queue and the job then have the same message. Who stops a queue by
// cupsdisable leaves another one, and is not to be overruled.
func (c *computer) wasInterrupted(ctx context.Context, q queue) (bool, error) {
	if !q.stopped || q.message == "" {
		return false, nil
	}
	client, err := c.cupsClient()
	if err != nil {
		return false, err
	}
	defer client.CloseIdleConnections()
	jobs, err := ipp.CUPSJobs(ctx, &ipp.Client{HTTP: client, URI: "ipp://localhost/"}, q.name, "job-printer-state-message")
	if err != nil {
		return false, fmt.Errorf("%w: %w", errNoCUPS, err)
	}
	for _, attributes := range jobs {
		if printable(ipp.String(attributes, "job-printer-state-message")) == q.message {
			return true, nil
		}
	}
	return false, nil
}

func (c *computer) lookAtQueuePolicy(ctx context.Context) checkup.Finding {
	q, none := c.findOurs(ctx)
	if none != nil {
		return *none
	}
	var f checkup.Findings
	if q.opPolicy != policyAuthenticated {
		state := checkup.Warn
		if c.Settings.QueueChecksUsers {
			state = checkup.Fail
		}
		f.Add(state, fmt.Sprintf("The queue %s has the policy %q, with which anyone may print in any name.", q.name, q.opPolicy),
			"sudo lpadmin -p "+q.name+" -o printer-op-policy="+policyAuthenticated,
			c.lpadmin(q, "give the print queue "+q.name+" the policy "+policyAuthenticated, "-o", "printer-op-policy="+policyAuthenticated))
	}
	if q.onError == "stop-printer" || q.onError == "" {
		f.Add(checkup.Warn, fmt.Sprintf("The queue %s stops after one failed job, until an administrator starts it again.", q.name),
			"sudo lpadmin -p "+q.name+" -o printer-error-policy="+errorPolicy,
			c.lpadmin(q, "have the print queue "+q.name+" try again after an error", "-o", "printer-error-policy="+errorPolicy))
	}
	return f.Finding(fmt.Sprintf("The queue %s checks names, and goes on after an error.", q.name))
}

func (c *computer) lookAtOtherQueues(ctx context.Context) checkup.Finding {
	s, err := c.sortQueues(ctx)
	if err != nil {
		return notFound(err)
	}
	state := checkup.Warn
	if c.Settings.QueueChecksUsers {
		state = checkup.Fail
	}
	var f checkup.Findings
	for _, q := range s.beside {
		if q.opPolicy != policyAuthenticated {
			f.Add(state, fmt.Sprintf("The queue %s leads to the agent too, and anyone may print there in any name.", q.name),
				"if nobody needs it, sudo lpadmin -x "+q.name+"; otherwise sudo lpadmin -p "+q.name+" -o printer-op-policy="+policyAuthenticated)
		}
	}
	return f.Finding("No other queue leads to the agent without checking names.")
}

// lookAtBrowsedQueues looks for queues of cups-browsed, which pass jobs on to a
// printer that it chooses, and lose some.
func (c *computer) lookAtBrowsedQueues(ctx context.Context) checkup.Finding {
	s, err := c.sortQueues(ctx)
	if err != nil {
		return notFound(err)
	}
	var f checkup.Findings
	for _, q := range s.rest {
		if !strings.HasPrefix(q.device, "implicitclass:") {
			continue
		}
		sameModel := s.ours != nil && q.makeModel != "" && q.makeModel == s.ours.makeModel
		switch {
		case c.isOurName(q.name):
			f.Add(checkup.Fail, fmt.Sprintf("cups-browsed has made a queue with our name, %s: what is printed there does not reach the agent.", q.name),
				"sudo systemctl disable --now cups-browsed, then sudo printscout install")
		case sameModel || strings.HasPrefix(strings.ToLower(q.name), strings.ToLower(c.text("QueueName", wizardQueue))):
			f.Add(checkup.Warn, fmt.Sprintf("The queue %s of cups-browsed looks like ours: people may choose the wrong one, and it may lose jobs.", q.name),
				"if no other queue of cups-browsed is needed: sudo systemctl disable --now cups-browsed")
		}
	}
	return f.Finding("cups-browsed has no queue that could be taken for ours.")
}

// withoutUserinfo returns a device URI without the name and the password in it.
func withoutUserinfo(device string) string {
	scheme, rest, ok := strings.Cut(device, "://")
	if at := strings.LastIndex(rest, "@"); ok && at >= 0 {
		return scheme + "://" + rest[at+1:]
	}
	return device
}

// lpadmin returns a repair of a queue of ours.
func (c *computer) lpadmin(q queue, does string, args ...string) checkup.Repair {
	return c.program(q, does, "lpadmin", append([]string{"-p", q.name}, args...)...)
}

// program returns a repair by a program of CUPS. When it is made, the queue must
// still be ours: somebody may have changed it since.
func (c *computer) program(q queue, does, name string, args ...string) checkup.Repair {
	return checkup.Repair{Does: does + " (" + name + " " + strings.Join(args, " ") + ")", Root: true, Do: func(ctx context.Context) error {
		again := newComputer(c.Config)
		s, err := again.sortQueues(ctx)
		if err == nil && (s.ours == nil || s.ours.name != q.name) {
			err = fmt.Errorf("the queue %s does not lead to the agent any more: nothing was changed", q.name)
		}
		if err == nil {
			_, err = again.Run(ctx, name, args...)
		}
		return err
	}}
}
