package scout

import (
	"cmp"
	"fmt"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
	"github.com/printscout/printscout/internal/settings"
)

// waits reports whether a job has to wait for its owner's registration.
func (s *Scout) waits(j *job) bool {
	switch s.cfg.Settings.Registration {
	case settings.RegistrationSelf, settings.RegistrationAdmin:
		return !s.people.has(j.ticket.User)
	}
	return false
}

// waitingSentence is why a job waits and what ends that.
const waitingSentence = "The job waits until its owner has registered: printscout person register."

// errWaiting says no to a release of such a job.
func (s *Scout) errWaiting() error {
	return &control.Error{Code: control.CodeConflict, Message: waitingSentence, Hint: s.howToRegister()}
}

func (s *Scout) howToRegister() string {
	if s.cfg.Settings.Registration == settings.RegistrationSelf {
		return "register by: printscout person register"
	}
	return "ask an administrator to run: printscout person register NAME"
}

// People lists who has registered: the caller, for an administrator everybody.
func (s local) People(c control.Caller) []control.Person {
	out := []control.Person{}
	for _, one := range s.people.list() {
		if c.Admin || one.Name == identity.Canonical(userOf(c)) {
			out = append(out, one.view())
		}
	}
	return out
}

// Register takes somebody in, the caller where no name is given. Their waiting
// jobs are parked from then on.
func (s local) Register(c control.Caller, q control.Registration) (control.Person, error) {
	name, err := s.named(c, cmp.Or(q.Name, userOf(c)))
	if err != nil {
		return control.Person{}, err
	}
	by := "self"
	if c.Admin {
		by = "administrator"
	}
	one, err := s.people.add(person{Name: name, Registered: s.now().UTC(), By: by})
	if err != nil {
		return control.Person{}, err
	}
	s.log.Info("a person has registered", "by", one.By, "jobs", s.reconsider())
	return one.view(), nil
}

// Unregister forgets somebody. Their parked jobs wait from then on; what is
// being released goes on.
func (s local) Unregister(c control.Caller, name string) (control.Person, error) {
	name, err := s.named(c, name)
	if err != nil {
		return control.Person{}, err
	}
	one, ok, err := s.people.remove(name)
	if err != nil {
		return control.Person{}, err
	}
	if !ok {
		return control.Person{}, &control.Error{Code: control.CodeNotFound, Message: "nobody of that name has registered", Hint: "printscout person list shows who has"}
	}
	s.log.Info("a person's registration was removed", "jobs", s.reconsider())
	return one.view(), nil
}

// named is the account that a caller may register or remove: an administrator
// anybody's, others their own where people register themselves.
func (s local) named(c control.Caller, name string) (string, error) {
	mode := s.cfg.Settings.Registration
	canonical := identity.Canonical(name)
	switch {
	case c.Admin && canonical != "":
		return canonical, nil
	case c.Admin:
		return "", &control.Error{Code: control.CodeUsage, Message: fmt.Sprintf("%.64q is no account's name", name), Hint: "give the name as the system spells it: printscout job list shows it"}
	case !identity.SameUser(name, userOf(c)):
		return "", &control.Error{Code: control.CodeNotPermitted, Message: "only an administrator registers or removes others", Hint: "run it again as root, for example with sudo"}
	case mode == settings.RegistrationOff:
		return "", &control.Error{Code: control.CodeConflict, Message: "nobody needs to register on this computer", Hint: "your jobs can be released as they are: printscout job release"}
	case mode != settings.RegistrationSelf:
		return "", &control.Error{Code: control.CodeForbidden, Message: "only an administrator registers people on this computer", Hint: s.howToRegister()}
	}
	return canonical, nil
}

// reconsider brings every job to the state that who has registered calls for,
// tells the server and returns how many jobs that were.
func (s *Scout) reconsider() int {
	changed := s.table.reconsider()
	for _, id := range changed {
		s.tellChanged(id)
	}
	return len(changed)
}
