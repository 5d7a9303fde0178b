package installer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/printscout/printscout/internal/control"
)

// probeTitle begins the title of the probe page.
const probeTitle = "Print Scout probe"

// probeStep prints a page through the queue, sees that the agent has it as the right
// person's, and discards it.
func (r *run) probeStep() Step {
	return Step{
		Name:     "probe",
		Optional: true,
		Plan: func(context.Context) (string, error) {
			if r.NoProbe {
				return "", errNoProbe
			}
			return "print a probe page as " + r.probeAccount().Name + ", and discard it", nil
		},
		Do:   r.probe,
		Undo: func(context.Context, *Entry) (string, error) { return "", nil },
	}
}

var errNoProbe = &note{message: "not asked for (--no-probe)"}

// probeAccount returns the account that prints the probe page.
func (r *run) probeAccount() Account {
	if a, ok := r.Account(r.ProbeUser); ok && r.ProbeUser != "" {
		return a
	}
	return Account{Name: "root"}
}

func (r *run) probe(ctx context.Context, _ *Entry) (string, error) {
	if r.NoProbe {
		return "", errNoProbe
	}
	status, err := r.agent.Status(ctx)
	if err != nil {
		return "", &note{message: "the agent does not answer, so no probe page was printed", hint: "start it, then run 'printscout install' again", part: true}
	}
	if !status.Accepting {
		return "", r.notAccepting(status)
	}
	if _, ok, err := r.ourQueue(ctx, nil); err != nil || !ok {
		return "", errors.Join(err, &note{message: "there is no print queue, so no probe page was printed", part: true})
	}
	title := probeTitle + " " + r.NewID()
	who := r.probeAccount()
	queueJob, err := r.printProbe(ctx, who, title)
	if err != nil {
		return "", err
	}
	found, err := r.awaitProbe(ctx, title)
	err = errors.Join(err, r.discardProbe(context.WithoutCancel(ctx), found, queueJob))
	if err != nil {
		return "", err
	}
	if err := checkProbe(found, who); err != nil {
		return "", err
	}
	return "a page that " + who.Name + " printed was captured as " + who.Name + "'s, and discarded", nil
}

// checkProbe wants the probe page to be the job of whoever printed it.
func checkProbe(found control.Job, who Account) error {
	if found.User == who.Name {
		return nil
	}
	return &Problem{
		Err:  fmt.Errorf("the probe page that %s printed arrived as %q's", who.Name, found.User),
		Hint: "is the queue's policy " + queuePolicy + "? docs/identity.md has what makes names trustworthy",
	}
}

// notAccepting is why there is no probe page while the agent takes no jobs. With a
// bundle it should.
func (r *run) notAccepting(status control.Status) error {
	n := &note{message: "no probe page was printed, since the agent takes no jobs" + colon(status.Message)}
	if status.Enrolled || r.Bundle != "" {
		n.part, n.hint = true, "see 'printscout status', then run 'printscout install' again"
	}
	return n
}

// printProbe prints the probe page and returns the id of its job in the queue.
func (r *run) printProbe(ctx context.Context, who Account, title string) (string, error) {
	c := Command{Name: "lp", Args: []string{"-d", r.values.QueueName, "-t", title}, Stdin: probePage(), Env: r.CUPS.environ()}
	if who.UID != 0 {
		c.As = &who
	}
	out, err := r.Runner.Run(ctx, c)
	if err != nil {
		return "", &Problem{Err: fmt.Errorf("printing the probe page as %s: %w", who.Name, err), Hint: "does the print server let " + who.Name + " print? see the log of CUPS (/var/log/cups/error_log)"}
	}
	// request id is printscout-17 (1 file(s))
	for _, word := range strings.Fields(string(out)) {
		if strings.HasPrefix(word, r.values.QueueName+"-") {
			return word, nil
		}
	}
	return "", nil
}

// awaitProbe waits until the agent lists the probe page.
func (r *run) awaitProbe(ctx context.Context, title string) (found control.Job, err error) {
	err = r.await(ctx, func(ctx context.Context) (bool, error) {
		jobs, err := r.agent.Jobs(ctx)
		for _, j := range jobs {
			if j.Title == title {
				found = j
			}
		}
		return found.ID != "" && found.State != "receiving", ignoreUnreachable(err)
	})
	if !errors.Is(err, errLate) {
		return found, err
	}
	said := "the queue says nothing"
	if q, ok, qerr := r.CUPS.Queue(ctx, r.values.QueueName); qerr == nil && ok {
		said = fmt.Sprintf("the queue is stopped: %v, it says %q", q.Stopped, q.Message)
	}
	return found, &Problem{
		Err:  fmt.Errorf("the probe page did not arrive within %s; %s", r.Timeout, said),
		Hint: "see 'lpstat -p " + r.values.QueueName + "', 'printscout status' and the log of CUPS (/var/log/cups/error_log)",
	}
}

// ignoreUnreachable lets an agent come back that is being started again.
func ignoreUnreachable(err error) error {
	if errors.Is(err, control.ErrUnreachable) {
		return nil
	}
	return err
}

// discardProbe has the agent and the queue forget the probe page.
func (r *run) discardProbe(ctx context.Context, found control.Job, queueJob string) error {
	var err error
	if found.ID != "" {
		_, err = r.agent.Cancel(ctx, found.ID)
	}
	return errors.Join(err, r.forgetProbe(ctx, queueJob))
}

// forgetProbe cancels the job in the queue, if it is not completed, and has CUPS
// forget it.
func (r *run) forgetProbe(ctx context.Context, queueJob string) error {
	id, err := strconv.Atoi(queueJob[strings.LastIndex(queueJob, "-")+1:])
	if err != nil {
		return nil // lp did not say which
	}
	_ = r.cups(ctx, "cancel", queueJob) // fails where the job is completed
	if err := r.CUPS.Forget(ctx, r.values.QueueName, id); err != nil {
		return fmt.Errorf("having the queue forget the probe page: %w", err)
	}
	return nil
}

// probePage returns a PDF of one page that says what it is.
func probePage() []byte {
	const text = "BT /F 18 Tf 72 720 Td (Print Scout probe page. It is discarded.) Tj ET"
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(text), text),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}
