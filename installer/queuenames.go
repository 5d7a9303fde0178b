package installer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/printscout/printscout/installer/cupsdconf"
)

// confBackup is the copy of cupsd.conf in the folder of the record.
const confBackup = "cupsd.conf.before"

// checksUsers is the setting that says that the queue checks names.
const checksUsers = "QueueChecksUsers"

var errNamesNotAsked = &note{message: "not asked for (--trust-queue-names)"}

// queueNamesStep limits who makes print queues, so that the names which the queue
// gives are trustworthy (docs/identity.md), and tells the agent so.
func (r *run) queueNamesStep() Step {
	return Step{
		Name:     "queue-names",
		Optional: true,
		Plan: func(ctx context.Context) (string, error) {
			if !r.TrustQueueNames {
				return "", errNamesNotAsked
			}
			_, limited, err := r.readConf()
			if err != nil {
				return "", err
			}
			todo := ""
			if !limited {
				todo = "; limit who makes print queues, in " + r.CUPS.Conf
			}
			if !r.values.QueueChecksUsers {
				todo += "; set " + checksUsers
			}
			return strings.TrimPrefix(todo, "; "), nil
		},
		Do:   r.trustQueueNames,
		Undo: r.distrustQueueNames,
	}
}

// readConf reads cupsd.conf and reports whether it has the limit.
func (r *run) readConf() (conf *cupsdconf.File, limited bool, err error) {
	raw, _, err := r.readFile(r.CUPS.Conf, cupsdconf.MaxSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, &note{message: ErrNoCUPS.Error() + ": there is no " + r.CUPS.Conf, hint: "install CUPS, then run 'printscout install' again", part: true}
	}
	if err != nil {
		return nil, false, err
	}
	conf, err = cupsdconf.Parse(raw)
	if err == nil {
		limited, err = conf.Limited()
	}
	if err != nil {
		return nil, false, &Problem{Err: fmt.Errorf("%s: %w", r.CUPS.Conf, err), Hint: "see docs/identity.md: the policy needs <Limit " + cupsdconf.Operation + "> with AuthType Default and Require user @SYSTEM"}
	}
	return conf, limited, nil
}

func (r *run) trustQueueNames(ctx context.Context, e *Entry) (string, error) {
	if !r.TrustQueueNames {
		return "", errNamesNotAsked
	}
	conf, limited, err := r.readConf()
	if err != nil {
		return "", err
	}
	if err := r.checkQueues(ctx); err != nil {
		return "", err
	}
	did := ""
	if !limited {
		if err := e.keep("limit", "added"); err != nil {
			return "", err
		}
		if err := r.addLimit(ctx, conf); err != nil {
			return "", err
		}
		did = "; limited who makes print queues, in " + r.CUPS.Conf
	}
	if !r.values.QueueChecksUsers {
		if err := e.keep(checksUsers, "set"); err != nil {
			return "", err
		}
		if _, err := r.setSettings(nil, installerFile{checksUsers: json.RawMessage("true")}); err != nil {
			return "", err
		}
		did += "; set " + checksUsers
		if err := r.restartAgent(ctx); err != nil {
			return "", err
		}
	}
	return strings.TrimPrefix(did, "; "), nil
}

// checkQueues wants each queue that leads to the agent to check names.
func (r *run) checkQueues(ctx context.Context) error {
	all, err := r.CUPS.Queues(ctx)
	if err != nil {
		return r.withoutCUPS(err)
	}
	ours := false
	for _, q := range all {
		if !q.LeadsTo(r.values.Port) {
			continue
		}
		if q.Policy != queuePolicy {
			return &Problem{
				Err:  fmt.Errorf("the print queue %s leads to Print Scout and has the policy %q, so anyone can print there in any name", q.Name, q.Policy),
				Hint: "lpadmin -p " + q.Name + " -o printer-op-policy=" + queuePolicy + ", or remove it: lpadmin -x " + q.Name,
			}
		}
		ours = ours || strings.EqualFold(q.Name, r.values.QueueName)
	}
	if !ours {
		return &note{message: "there is no print queue " + r.values.QueueName, part: true}
	}
	return nil
}

// addLimit adds the limit to cupsd.conf and has cupsd read it. If cupsd does not
// answer then, the file is put back.
func (r *run) addLimit(ctx context.Context, conf *cupsdconf.File) error {
	before := conf.Bytes()
	if err := r.writeFile(filepath.Join(r.layout.recordDir, confBackup), before, 0o600, rootOwner); err != nil {
		return err
	}
	if _, err := conf.AddLimit(); err != nil {
		return err
	}
	if err := r.replaceConf(ctx, conf.Bytes()); err != nil {
		return err
	}
	err := r.reloadCUPS(ctx)
	if err == nil {
		return nil
	}
	undo := context.WithoutCancel(ctx)
	return errors.Join(err, r.replaceConf(undo, before), r.reloadCUPS(undo))
}

// replaceConf replaces cupsd.conf by a text that cupsd accepts; owner and mode stay.
func (r *run) replaceConf(ctx context.Context, text []byte) error {
	check := func(path string) error {
		_, err := r.Runner.Run(ctx, Command{Name: "cupsd", Args: []string{"-t", "-c", path, "-s", r.CUPS.FilesConf}})
		if err != nil {
			return &Problem{Err: fmt.Errorf("cupsd does not accept %s with the limit: %w", r.CUPS.Conf, err), Hint: "see docs/identity.md and add the limit yourself"}
		}
		return nil
	}
	return r.replaceChecked(r.CUPS.Conf, text, check)
}

// reloadCUPS makes cupsd read its configuration again, and waits until it answers.
func (r *run) reloadCUPS(ctx context.Context) error {
	reload := r.CUPS.Reload
	if reload == nil {
		reload = r.reloadCUPSService
	}
	if err := reload(ctx); err != nil {
		return fmt.Errorf("restarting CUPS: %w", err)
	}
	err := r.await(ctx, func(ctx context.Context) (bool, error) {
		_, err := r.CUPS.Queues(ctx)
		return err == nil, nil
	})
	if errors.Is(err, errLate) {
		return fmt.Errorf("%w after it was restarted", ErrCUPSStopped)
	}
	return err
}

// reloadCUPSService restarts cupsd where it runs. Where its socket starts it, it
// reads the new file then.
func (r *run) reloadCUPSService(ctx context.Context) error {
	if !r.hasSystemd() {
		return r.reloadCUPSWithoutSystemd(ctx)
	}
	if !r.isActive(ctx, "cups.service") {
		return nil
	}
	_, err := r.systemctl(ctx, "restart", "cups.service")
	return err
}

// reloadCUPSWithoutSystemd restarts cupsd by launchd or another init system.
func (r *run) reloadCUPSWithoutSystemd(ctx context.Context) error {
	return r.runFirst(ctx, []Command{
		{Name: "launchctl", Args: []string{"kickstart", "-k", "system/org.cups.cupsd"}},
		{Name: "rc-service", Args: []string{"--ifstarted", "cupsd", "restart"}},
		{Name: "service", Args: []string{"cups", "restart"}},
	})
}

// restartAgent has the agent read its settings again.
func (r *run) restartAgent(ctx context.Context) error {
	if r.Runner.Has("launchctl") && r.isLoaded(ctx, daemonLabel) {
		if _, err := r.Runner.Run(ctx, Command{Name: "launchctl", Args: []string{"kickstart", "-k", "system/" + daemonLabel}}); err != nil {
			return err
		}
		return r.awaitAgent(ctx)
	}
	if !r.hasSystemd() || !r.isActive(ctx, serviceUnit) {
		return nil
	}
	if _, err := r.systemctl(ctx, "restart", serviceUnit); err != nil {
		return r.whyNotStarted(ctx, err)
	}
	return r.awaitAgent(ctx)
}

// distrustQueueNames first has the agent believe no name, then removes the limit.
func (r *run) distrustQueueNames(ctx context.Context, e *Entry) (string, error) {
	did := ""
	if e.Values[checksUsers] == "set" {
		changed, err := r.setSettings(nil, installerFile{checksUsers: nil})
		if err != nil {
			return "", err
		}
		if len(changed) > 0 {
			did = "removed " + checksUsers
			if err := r.removeEmptySettings(); err != nil {
				return "", err
			}
			if err := r.forgetNames(ctx); err != nil {
				return "", err
			}
		}
	}
	if e.record != nil && e.Values["limit"] != "added" {
		return did, nil
	}
	removed, err := r.removeLimit(ctx, e.record == nil)
	if removed {
		did = strings.TrimPrefix(did+"; removed the limit from "+r.CUPS.Conf, "; ")
	}
	return did, err
}

// forgetNames has the agent read its settings again. One that cannot be started must
// not go on by the former ones, so it is stopped.
func (r *run) forgetNames(ctx context.Context) error {
	err := r.restartAgent(ctx)
	if err == nil || !r.hasSystemd() {
		return err
	}
	if _, serr := r.systemctl(ctx, "stop", serviceUnit); serr != nil {
		return errors.Join(err, serr)
	}
	return nil
}

// trialOf returns where a text for a file lies while it is checked.
func trialOf(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".printscout-trial")
}

// removeLimit removes our limit, and what an install that was killed had on trial.
// With marked only one that has our comment is ours.
func (r *run) removeLimit(ctx context.Context, marked bool) (bool, error) {
	if _, err := r.removeFile(trialOf(r.CUPS.Conf)); err != nil {
		return false, err
	}
	raw, _, err := r.readFile(r.CUPS.Conf, cupsdconf.MaxSize)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	conf, err := cupsdconf.Parse(raw)
	if err != nil {
		return false, &Problem{Err: fmt.Errorf("%s: %w", r.CUPS.Conf, err), Hint: "remove <Limit " + cupsdconf.Operation + "> from it yourself"}
	}
	removed, err := conf.RemoveLimit(marked)
	if errors.Is(err, cupsdconf.ErrOtherLimit) {
		return false, &Problem{Err: fmt.Errorf("%s: %w, so it stays", r.CUPS.Conf, err), Hint: "remove it yourself, with the comment before it, then run 'printscout uninstall' again"}
	}
	if err != nil || !removed {
		return false, err
	}
	if err := r.replaceConf(ctx, conf.Bytes()); err != nil {
		return false, err
	}
	_, err = r.removeFile(filepath.Join(r.layout.recordDir, confBackup))
	return true, errors.Join(err, r.reloadCUPS(ctx))
}
