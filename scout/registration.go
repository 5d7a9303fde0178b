package scout

import (
	"cmp"
	"fmt"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
	"github.com/printscout/printscout/internal/settings"
)

// mustWait reports whether a job has to wait for its owner's registration.
func (s *Scout) mustWait(j *job) bool {
	switch s.liveSettings().Registration {
	case settings.RegistrationSelf, settings.RegistrationAdmin:
		return !s.people.isRegistered(j.ticket.User)
	}
	return false
}

// waitingSentence says why a job waits and what ends that.
const waitingSentence = "The job waits until its owner has registered: printscout setup, or printscout person register."

// errWaiting returns the refusal to release such a job.
func (s *Scout) errWaiting() error {
	return &control.Error{Code: control.CodeConflict, Message: waitingSentence, Hint: s.howToRegister()}
}

// howToRegister returns how the owner of a waiting job gets registered here.
func (s *Scout) howToRegister() string {
	if s.liveSettings().Registration == settings.RegistrationSelf {
		return "register by: printscout person register"
	}
	return "ask an administrator to run: printscout person register NAME"
}

// People lists who has registered: the caller or, for an administrator, all.
func (s localAPI) People(c control.Caller) []control.Person {
	out := []control.Person{}
	for _, one := range s.people.list() {
		if c.Admin || one.Name == identity.Canonical(userOf(c)) {
			out = append(out, one.controlPerson())
		}
	}
	return out
}

// Register registers an account, the caller's if no name is given. Its waiting
// jobs are parked from then on.
func (s localAPI) Register(c control.Caller, q control.Registration) (control.Person, error) {
	name, err := s.accountToRegister(c, cmp.Or(q.Name, userOf(c)))
	if err != nil {
		return control.Person{}, err
	}
	by := "self"
	if c.Admin {
		by = "administrator"
	}
	one, err := s.people.register(person{Name: name, Registered: s.now().UTC(), By: by})
	if err != nil {
		return control.Person{}, err
	}
	s.log.Info("a person has registered", "by", one.By, "jobs", s.updateWaiting())
	s.hub.statusChanged()
	return one.controlPerson(), nil
}

// Unregister removes an account's registration. Its parked jobs wait from then
// on; a running release continues.
func (s localAPI) Unregister(c control.Caller, name string) (control.Person, error) {
	name, err := s.accountToRegister(c, name)
	if err != nil {
		return control.Person{}, err
	}
	one, ok, err := s.people.remove(name)
	if err != nil {
		return control.Person{}, err
	}
	if !ok {
		return control.Person{}, &control.Error{Code: control.CodeNotFound, Message: "no person of that name has registered", Hint: "printscout person list shows who has"}
	}
	s.log.Info("a person's registration was removed", "jobs", s.updateWaiting())
	s.hub.statusChanged()
	return one.controlPerson(), nil
}

// accountToRegister returns the account that a caller may register or remove:
// any account for an administrator, and their own for others where people
// register themselves.
func (s localAPI) accountToRegister(c control.Caller, name string) (string, error) {
	mode := s.liveSettings().Registration
	canonical := identity.Canonical(name)
	switch {
	case c.Admin && canonical != "":
		return canonical, nil
	case c.Admin:
		return "", &control.Error{Code: control.CodeUsage, Message: fmt.Sprintf("%.64q is not the name of an account", name), Hint: "give the name as the system spells it: printscout job list shows it"}
	case !identity.SameUser(name, userOf(c)):
		return "", &control.Error{Code: control.CodeNotPermitted, Message: "only an administrator registers or removes others", Hint: control.AsAdministrator}
	case mode == settings.RegistrationOff:
		return "", &control.Error{Code: control.CodeConflict, Message: "this computer does not ask for registration", Hint: "your jobs can be released as they are: printscout job release"}
	case mode != settings.RegistrationSelf:
		return "", &control.Error{Code: control.CodeForbidden, Message: "only an administrator registers people on this computer", Hint: s.howToRegister()}
	}
	return canonical, nil
}

// updateWaiting moves every job to the state that follows from the
// registrations, tells the server and returns how many jobs changed.
func (s *Scout) updateWaiting() int {
	changed := s.table.updateWaiting()
	for _, id := range changed {
		s.tellChanged(id)
	}
	return len(changed)
}
