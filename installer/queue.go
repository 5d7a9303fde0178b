package installer

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The policies of our queue: docs/identity.md, decision 0017.
const (
	queuePolicy      = "authenticated"
	queueErrorPolicy = "retry-job"
)

// undescribed is the model that CUPS gives a queue until it has asked the printer.
const undescribed = "Local Raw Printer"

// ErrOtherQueue means that a queue of our name is not ours.
var ErrOtherQueue = errors.New("belongs to somebody else")

// queueStep makes the print queue by lpadmin(8).
func (r *run) queueStep() Step {
	return Step{
		Name:     "queue",
		Optional: true,
		Plan: func(ctx context.Context) (string, error) {
			q, ok, err := r.ourQueue(ctx, nil)
			if err != nil {
				return "", err
			}
			if ok && r.isAsItShould(q) {
				return "", nil
			}
			return "make the print queue " + r.values.QueueName, nil
		},
		Do:   r.makeQueue,
		Undo: r.removeQueue,
	}
}

// ourQueue returns the queue of our name; false if there is none. One that leads
// elsewhere is an error, unless the entry says that install made it so; a print
// server that is not there is a note.
func (r *run) ourQueue(ctx context.Context, e *Entry) (Queue, bool, error) {
	q, ok, err := r.CUPS.Queue(ctx, r.values.QueueName)
	if err != nil {
		return q, false, r.withoutCUPS(err)
	}
	if ok && !q.LeadsTo(r.values.Port) && !e.madeQueue(q) {
		return q, true, &Problem{
			Err:   fmt.Errorf("the print queue %s %w: it leads to %s", q.Name, ErrOtherQueue, q.URI),
			Hint:  "remove it (lpadmin -x " + q.Name + "), or choose another name: --set QueueName=NAME",
			Fatal: true,
		}
	}
	return q, ok, nil
}

// withoutCUPS makes a note of why the print server did not answer.
func (r *run) withoutCUPS(err error) error {
	if !errors.Is(err, ErrCUPSStopped) {
		return err
	}
	if !r.Runner.Has("lpadmin") {
		return &note{message: ErrNoCUPS.Error() + ", so there is no print queue", hint: "install CUPS, then run 'printscout install' again", part: true}
	}
	return &note{message: ErrCUPSStopped.Error() + ", so there is no print queue", hint: "start it (systemctl start cups), then run 'printscout install' again", part: true}
}

// madeQueue reports whether install made a queue, perhaps for another port.
func (e *Entry) madeQueue(q Queue) bool {
	return e != nil && strings.EqualFold(e.Values["queue"], q.Name) && e.Values["uri"] == q.URI
}

func (r *run) isAsItShould(q Queue) bool {
	return q.LeadsTo(r.values.Port) && q.Policy == queuePolicy && q.ErrorPolicy == queueErrorPolicy && !q.Stopped && q.Accepting && !q.Shared && q.Model != undescribed
}

func (r *run) makeQueue(ctx context.Context, e *Entry) (string, error) {
	q, ok, err := r.ourQueue(ctx, e)
	if err != nil {
		return "", err
	}
	if ok && r.isAsItShould(q) {
		return "", e.keepQueue(r.values.QueueName, q.URI)
	}
	status, err := r.agent.Status(ctx)
	if err != nil {
		return "", &note{message: "the agent does not answer, so there is no print queue", hint: "start it, then run 'printscout install' again", part: true}
	}
	if former := e.Values["queue"]; former != "" && former != r.values.QueueName {
		if _, err := r.deleteQueue(ctx, e, former); err != nil {
			return "", err
		}
	}
	if err := e.keepQueue(r.values.QueueName, status.PrinterURI); err != nil {
		return "", err
	}
	if err := r.addQueue(ctx, status.PrinterURI); err != nil {
		return "", err
	}
	if ok {
		return "made the print queue " + r.values.QueueName + " anew", nil
	}
	return "made the print queue " + r.values.QueueName, nil
}

// addQueue makes the queue, and waits until CUPS has described it.
func (r *run) addQueue(ctx context.Context, uri string) error {
	err := r.cups(ctx, "lpadmin", "-p", r.values.QueueName, "-E", "-v", uri, "-m", "everywhere",
		"-o", "printer-op-policy="+queuePolicy, "-o", "printer-error-policy="+queueErrorPolicy, "-o", "printer-is-shared=false")
	if c, failed := errors.AsType[*CommandError](err); failed && strings.Contains(c.Said, `"`+queuePolicy+`"`) {
		return &Problem{Err: fmt.Errorf("%s has no policy %s, without which anyone could print in any name", r.CUPS.Conf, queuePolicy), Hint: "copy <Policy " + queuePolicy + "> from cupsd.conf.default, restart cups, then run 'printscout install' again"}
	}
	if err != nil {
		return err
	}
	return r.awaitQueue(ctx)
}

// keepQueue makes durable which queue is ours.
func (e *Entry) keepQueue(name, uri string) error {
	if e.Values["queue"] == name && e.Values["uri"] == uri {
		return nil
	}
	e.Values = map[string]string{"queue": name, "uri": uri}
	return e.save()
}

// awaitQueue waits until CUPS has described the queue.
func (r *run) awaitQueue(ctx context.Context) error {
	var last Queue
	err := r.await(ctx, func(ctx context.Context) (bool, error) {
		q, ok, err := r.CUPS.Queue(ctx, r.values.QueueName)
		last = q
		return ok && r.isAsItShould(q), err
	})
	if errors.Is(err, errLate) {
		return &Problem{
			Err:  fmt.Errorf("CUPS did not describe the print queue %s within %s (it is %q, %q, policy %q)", r.values.QueueName, r.Timeout, last.Model, last.Message, last.Policy),
			Hint: "look into the log of CUPS (/var/log/cups/error_log), then run 'printscout install' again",
		}
	}
	return err
}

func (r *run) removeQueue(ctx context.Context, e *Entry) (string, error) {
	name := e.Values["queue"]
	if name == "" && e.record != nil {
		return "", nil
	}
	if name == "" {
		name = r.values.QueueName
	}
	return r.deleteQueue(ctx, e, name)
}

// deleteQueue removes a queue that leads to the agent.
func (r *run) deleteQueue(ctx context.Context, e *Entry, name string) (string, error) {
	q, ok, err := r.CUPS.Queue(ctx, name)
	if errors.Is(err, ErrCUPSStopped) {
		return "", r.queueLeft(name)
	}
	if err != nil || !ok {
		return "", err
	}
	if !q.LeadsTo(r.values.Port) && !e.madeQueue(q) {
		return "", &note{message: fmt.Sprintf("the print queue %s leads to %s now, so it stays", name, q.URI)}
	}
	if err := r.cups(ctx, "lpadmin", "-x", name); err != nil {
		return "", err
	}
	return "removed the print queue " + name, nil
}

// queueLeft is why a queue cannot be removed; nil where CUPS is not installed.
func (r *run) queueLeft(name string) error {
	if !r.Runner.Has("lpadmin") {
		return nil
	}
	return &Problem{Err: fmt.Errorf("%w, so the print queue %s may still be there", ErrCUPSStopped, name), Hint: "start it (systemctl start cups), then run 'printscout uninstall' again"}
}

// cups runs a program of CUPS.
func (r *run) cups(ctx context.Context, name string, args ...string) error {
	_, err := r.Runner.Run(ctx, Command{Name: name, Args: args, Env: r.CUPS.environ()})
	return err
}

// defaultPrinterStep makes the queue the computer's default printer.
func (r *run) defaultPrinterStep() Step {
	return Step{
		Name:     "default-printer",
		Optional: true,
		Plan: func(ctx context.Context) (string, error) {
			if !r.values.DefaultPrinter {
				return "", errNoDefault
			}
			now, err := r.CUPS.Default(ctx)
			if err != nil || strings.EqualFold(now, r.values.QueueName) {
				return "", r.withoutCUPS(err)
			}
			return "make " + r.values.QueueName + " the default printer", nil
		},
		Do:   r.setDefault,
		Undo: r.restoreDefault,
	}
}

var errNoDefault = &note{message: "the setting DefaultPrinter is off"}

func (r *run) setDefault(ctx context.Context, e *Entry) (string, error) {
	if !r.values.DefaultPrinter {
		did, err := r.restoreDefault(ctx, e)
		if err != nil || did != "" {
			return did, err
		}
		return "", errNoDefault
	}
	_, ok, err := r.ourQueue(ctx, nil)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", &note{message: "there is no print queue", part: true}
	}
	now, err := r.CUPS.Default(ctx)
	if err != nil || strings.EqualFold(now, r.values.QueueName) {
		return "", err
	}
	if err := e.keep("before", now); err != nil {
		return "", err
	}
	if err := r.cups(ctx, "lpadmin", "-d", r.values.QueueName); err != nil {
		return "", err
	}
	return "made " + r.values.QueueName + " the default printer" + inPlaceOf(now), nil
}

func inPlaceOf(former string) string {
	if former == "" {
		return ""
	}
	return " in place of " + former
}

// restoreDefault makes the former default printer the default again, if ours still
// is and the former one still exists. Without a former one nothing has to be done:
// the default goes with its queue.
func (r *run) restoreDefault(ctx context.Context, e *Entry) (string, error) {
	former := e.Values["before"]
	if former == "" {
		return "", nil
	}
	now, err := r.CUPS.Default(ctx)
	if errors.Is(err, ErrCUPSStopped) {
		return "", r.queueLeft(r.values.QueueName)
	}
	if err != nil || !strings.EqualFold(now, r.values.QueueName) {
		return "", err
	}
	if _, ok, err := r.CUPS.Queue(ctx, former); err != nil || !ok {
		return "", err
	}
	if err := r.cups(ctx, "lpadmin", "-d", former); err != nil {
		return "", err
	}
	return "made " + former + " the default printer again", nil
}
