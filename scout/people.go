package scout

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
)

// peopleFile, in the state folder, lists who has registered. Only this file
// decides which jobs wait: docs/registration.md.
const peopleFile = "people.json"

// person is a registered account, by its canonical name.
type person struct {
	Name       string    `json:"name"`
	Registered time.Time `json:"registered"`
	By         string    `json:"by"` // self or administrator
}

// people are the registered accounts. A change is on disk before it takes
// effect.
type people struct {
	file string

	mu    sync.Mutex
	known map[string]person
}

// peopleKept is the form of the file.
type peopleKept struct {
	People []person `json:"people"`
}

// openPeople reads the file as a whole or not at all. Without it no account is
// registered: that keeps jobs from being released, and lets none through.
func openPeople(file string) (*people, error) {
	p := &people{file: file, known: map[string]person{}}
	found, err := readKept(file, p.parseFile)
	if !found {
		p.known = map[string]person{}
	}
	return p, err
}

func (p *people) parseFile(raw []byte) error {
	var kept peopleKept
	var names map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(raw, &kept), json.Unmarshal(raw, &names)); err != nil {
		return err
	}
	if names["people"] == nil { // null, which stands for no people, is not nil
		return errBroken
	}
	for _, one := range kept.People {
		if one.Name == "" || identity.Canonical(one.Name) != one.Name {
			return fmt.Errorf("%q is not the name of an account", one.Name)
		}
		p.known[one.Name] = one
	}
	return nil
}

// isRegistered reports whether the account with this name has registered.
func (p *people) isRegistered(name string) bool {
	_, ok := p.findPerson(name)
	return ok
}

func (p *people) findPerson(name string) (person, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one, ok := p.known[identity.Canonical(name)]
	return one, ok
}

// list returns all registered accounts by name.
func (p *people) list() []person {
	p.mu.Lock()
	defer p.mu.Unlock()
	return sortedByName(p.known)
}

func sortedByName(known map[string]person) []person {
	return slices.SortedFunc(maps.Values(known), func(a, b person) int { return strings.Compare(a.Name, b.Name) })
}

// register adds an account; an earlier registration of it stays as it is.
func (p *people) register(one person) (person, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, ok := p.known[one.Name]; ok {
		return before, nil
	}
	next := maps.Clone(p.known)
	next[one.Name] = one
	return one, p.save(next)
}

// remove removes an account; ok is false if it was not registered.
func (p *people) remove(name string) (one person, ok bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if one, ok = p.known[name]; !ok {
		return person{}, false, nil
	}
	next := maps.Clone(p.known)
	delete(next, name)
	return one, true, p.save(next)
}

// save writes the accounts to disk and then makes them the known ones; mu is
// held.
func (p *people) save(next map[string]person) error {
	if err := writeJSON(p.file, peopleKept{People: sortedByName(next)}); err != nil {
		return err
	}
	p.known = next
	return nil
}

func (one person) controlPerson() control.Person {
	return control.Person{Name: one.Name, Registered: one.Registered, By: one.By}
}
