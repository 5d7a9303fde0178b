package installer

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
)

// accountStep makes the account that the agent runs as.
func (r *run) accountStep() Step {
	return Step{
		Name: "account",
		Keep: true,
		Plan: func(context.Context) (string, error) {
			if exists, err := r.checkAccount(); exists || err != nil {
				return "", err
			}
			return "make the account " + accountName, nil
		},
		Do:   r.makeAccount,
		Undo: r.removeAccount,
	}
}

// checkAccount reports whether the account exists. One that is root, or that people
// log in to, is refused.
func (r *run) checkAccount() (bool, error) {
	a, ok := r.Account(accountName)
	switch {
	case !ok:
		return false, nil
	case a.UID == 0:
		return true, &Problem{Err: fmt.Errorf("the account %s is root", accountName), Hint: "remove it, then run the command again"}
	case !isNoLogin(a.Shell):
		return true, &Problem{
			Err:  fmt.Errorf("people can log in to the account %s (its shell is %s)", accountName, a.Shell),
			Hint: "rename it, or make it a system account: usermod --shell /usr/sbin/nologin " + accountName,
		}
	}
	return true, nil
}

func isNoLogin(shell string) bool {
	base := path.Base(shell)
	return base == "nologin" || base == "false"
}

func (r *run) makeAccount(ctx context.Context, e *Entry) (string, error) {
	if exists, err := r.checkAccount(); exists || err != nil {
		return "", err
	}
	if err := e.keep("account", "made"); err != nil {
		return "", err
	}
	rules, err := Files.ReadFile("linux/printscout.sysusers.conf")
	if err != nil {
		return "", err
	}
	ways := []Command{
		{Name: "systemd-sysusers", Args: []string{"-"}, Stdin: rules},
		{Name: "useradd", Args: []string{"--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "--comment", "Print Scout agent", accountName}},
		{Name: "adduser", Args: []string{"-S", "-D", "-H", "-h", "/nonexistent", "-s", "/sbin/nologin", "-g", "Print Scout agent", accountName}},
	}
	if err := r.runFirst(ctx, ways); err != nil {
		return "", fmt.Errorf("making the account %s: %w", accountName, err)
	}
	if _, ok := r.Account(accountName); !ok {
		return "", fmt.Errorf("making the account %s: the system does not know it", accountName)
	}
	return "made the account " + accountName, nil
}

// removeAccount removes an account that install made, unless files still belong to
// it.
func (r *run) removeAccount(ctx context.Context, e *Entry) (string, error) {
	a, ok := r.Account(accountName)
	if !ok {
		return "", nil
	}
	if e.Values["account"] != "made" {
		if e.record == nil {
			return "", nil
		}
		return "", &note{message: "the account " + accountName + " was there before (uid " + strconv.Itoa(a.UID) + ")"}
	}
	owns, err := r.ownsState(a)
	if err != nil {
		return "", err
	}
	if owns {
		return "", &note{message: "the account " + accountName + " still has " + r.layout.stateDir}
	}
	err = r.runFirst(ctx, []Command{{Name: "userdel", Args: []string{accountName}}, {Name: "deluser", Args: []string{accountName}}})
	if err != nil {
		return "", fmt.Errorf("removing the account %s: %w", accountName, err)
	}
	return "removed the account " + accountName, nil
}

// runFirst runs the first of the commands whose program is installed.
func (r *run) runFirst(ctx context.Context, commands []Command) error {
	var err error
	for _, c := range commands {
		if _, err = r.Runner.Run(ctx, c); !errors.Is(err, ErrNoProgram) {
			return err
		}
	}
	return err
}
