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

// peopleFile, in the state folder, says who has registered. It alone decides
// which jobs wait: docs/registration.md.
const peopleFile = "people.json"

// person is somebody who has registered, by the canonical name of the account.
type person struct {
	Name       string    `json:"name"`
	Registered time.Time `json:"registered"`
	By         string    `json:"by"` // self or administrator
}

// people are those who have registered. What is changed is on disk before
// anybody sees it.
type people struct {
	file string

	mu    sync.Mutex
	known map[string]person
}

// peopleKept is the form of the file.
type peopleKept struct {
	People []person `json:"people"`
}

// openPeople takes a file that can be read as a whole. Without it nobody has
// registered: that keeps jobs from being released, and lets none through.
func openPeople(file string) (*people, error) {
	p := &people{file: file, known: map[string]person{}}
	found, err := readKept(file, p.read)
	if !found {
		p.known = map[string]person{}
	}
	return p, err
}

func (p *people) read(raw []byte) error {
	var kept peopleKept
	var names map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(raw, &kept), json.Unmarshal(raw, &names)); err != nil {
		return err
	}
	if names["people"] == nil { // null, as of nobody, is not nil
		return errBroken
	}
	for _, one := range kept.People {
		if one.Name == "" || identity.Canonical(one.Name) != one.Name {
			return fmt.Errorf("%q is no account's name", one.Name)
		}
		p.known[one.Name] = one
	}
	return nil
}

// has reports whether the account of a name has registered.
func (p *people) has(name string) bool {
	_, ok := p.find(name)
	return ok
}

func (p *people) find(name string) (person, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one, ok := p.known[identity.Canonical(name)]
	return one, ok
}

// list is everybody by name.
func (p *people) list() []person {
	p.mu.Lock()
	defer p.mu.Unlock()
	return sorted(p.known)
}

func sorted(known map[string]person) []person {
	return slices.SortedFunc(maps.Values(known), func(a, b person) int { return strings.Compare(a.Name, b.Name) })
}

// add registers somebody; who has registered before stays as they are.
func (p *people) add(one person) (person, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, ok := p.known[one.Name]; ok {
		return before, nil
	}
	next := maps.Clone(p.known)
	next[one.Name] = one
	return one, p.keep(next)
}

// remove forgets somebody; ok is false where there was nobody.
func (p *people) remove(name string) (one person, ok bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if one, ok = p.known[name]; !ok {
		return person{}, false, nil
	}
	next := maps.Clone(p.known)
	delete(next, name)
	return one, true, p.keep(next)
}

func (p *people) keep(next map[string]person) error {
	if err := writeJSON(p.file, peopleKept{People: sorted(next)}); err != nil {
		return err
	}
	p.known = next
	return nil
}

func (one person) view() control.Person {
	return control.Person{Name: one.Name, Registered: one.Registered, By: one.By}
}
