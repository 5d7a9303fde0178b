package simprinter

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
)

// Scenario is a printer that behaves in some way, by name.
type Scenario struct {
	Name string
	Does string // one sentence
	// Config is what Start wants, but for Dir and Name, which are the caller's.
	Config Config
	SNMP   SNMP
}

// SNMP is what the printer's SNMP agent is told: the name of a state it
// describes and of its temper; "" is a printer without problems that answers.
type SNMP struct {
	State  string `json:"state"`
	Temper string `json:"temper"`
}

//go:embed scenarios.json
var scenarioData []byte

var scenarios = sync.OnceValues(func() ([]Scenario, error) { return readScenarios(scenarioData) })

// Scenarios returns all scenarios, in the order of docs/simprinter.md.
func Scenarios() []Scenario {
	all, err := scenarios()
	if err != nil {
		panic("scenarios.json: " + err.Error()) // a test reads it whole
	}
	return slices.Clone(all)
}

// FindScenario returns the scenario of that name.
func FindScenario(name string) (Scenario, error) {
	all := Scenarios()
	i := slices.IndexFunc(all, func(s Scenario) bool { return s.Name == name })
	if i < 0 {
		return Scenario{}, fmt.Errorf("there is no scenario %q", name)
	}
	return all[i], nil
}

// readScenarios decodes them strictly: unknown fields are errors.
func readScenarios(b []byte) ([]Scenario, error) {
	var read []scenarioSettings
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&read); err != nil {
		return nil, fmt.Errorf("reading the scenarios: %w", err)
	}
	names := map[string]bool{}
	var all []Scenario
	for _, r := range read {
		s, err := r.scenario()
		if err == nil && (r.Name == "" || r.Does == "" || names[r.Name]) {
			err = fmt.Errorf("it has no unique name, or no sentence")
		}
		if err != nil {
			return nil, fmt.Errorf("scenario %q: %w", r.Name, err)
		}
		names[r.Name] = true
		all = append(all, s)
	}
	return all, nil
}
