package simprinter

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// scenarioSettings is a scenario as its file has it.
type scenarioSettings struct {
	Name    string          `json:"name"`
	Does    string          `json:"does"`
	Printer printerSettings `json:"printer"`
	SNMP    SNMP            `json:"snmp"`
}

// printerSettings is a Config as its file has it.
type printerSettings struct {
	Config
	Operations []string                     `json:"operations"`
	Attributes map[string]attributeSettings `json:"attributes"`
	Delay      Duration                     `json:"delay"`
	Faults     []faultSettings              `json:"faults"`
}

// faultSettings is the Fault of some operations, "*" for AnyOp.
type faultSettings struct {
	Fault
	Of     []string `json:"of"`
	Status string   `json:"status"`
}

// attributeSettings has values of one type.
type attributeSettings struct {
	Keyword []string `json:"keyword"`
	Text    []string `json:"text"`
	URI     []string `json:"uri"`
	Enum    []int    `json:"enum"`
	Boolean *bool    `json:"boolean"`
	Range   []int    `json:"range"` // lower, upper
}

func (s scenarioSettings) scenario() (Scenario, error) {
	c := s.Printer.Config
	c.Delay = time.Duration(s.Printer.Delay)
	for _, name := range s.Printer.Operations {
		op, err := opNamed(name)
		if err != nil {
			return Scenario{}, err
		}
		c.Operations = append(c.Operations, op)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Printer.Attributes)) {
		a, err := s.Printer.Attributes[name].buildAttribute(name)
		if err != nil {
			return Scenario{}, err
		}
		c.Attributes.Add(a)
	}
	var err error
	if c.Faults, err = faultsOf(s.Printer.Faults); err == nil {
		_, err = s.SNMP.Agent("")
	}
	return Scenario{Name: s.Name, Does: s.Does, Config: c, SNMP: s.SNMP}, err
}

func faultsOf(all []faultSettings) (map[goipp.Op]Fault, error) {
	out := map[goipp.Op]Fault{}
	for _, f := range all {
		status, err := statusNamed(f.Status)
		if err != nil {
			return nil, err
		}
		f.Fault.Status = status
		for _, name := range f.Of {
			op, err := opNamed(name)
			if err != nil {
				return nil, err
			}
			out[op] = f.Fault
		}
	}
	return out, nil
}

func opNamed(name string) (goipp.Op, error) {
	if name == "*" {
		return AnyOp, nil
	}
	for _, op := range supportedOperations {
		// goipp 1.2.0 calls one of them Get-Job-Attribute.
		if op.String() == name || op == goipp.OpGetJobAttributes && name == "Get-Job-Attributes" {
			return op, nil
		}
	}
	return 0, fmt.Errorf("%q is not an operation of the printer", name)
}

func statusNamed(name string) (goipp.Status, error) {
	if name == "" {
		return 0, nil
	}
	for s := goipp.Status(0x0400); s < 0x0600; s++ {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%q is not an error status of IPP", name)
}

func (a attributeSettings) buildAttribute(name string) (goipp.Attribute, error) {
	switch {
	case a.Keyword != nil:
		return ipp.Keyword(name, a.Keyword...), nil
	case a.Text != nil:
		return ipp.Text(name, a.Text...), nil
	case a.URI != nil:
		return ipp.URI(name, a.URI...), nil
	case a.Enum != nil:
		return ipp.Enum(name, a.Enum...), nil
	case a.Boolean != nil:
		return ipp.Boolean(name, *a.Boolean), nil
	case len(a.Range) == 2:
		return ipp.Range(name, a.Range[0], a.Range[1]), nil
	}
	return goipp.Attribute{}, fmt.Errorf("attribute %s has no value", name)
}
